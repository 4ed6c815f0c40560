// What a client accepts, as its `Accept` header says it (RFC 9110, 12.5.1).

export interface MediaType {
  /** In small letters, as `text/plain`; in a range either part may be `*`. */
  readonly type: string;
  /** By name; both in small letters. */
  readonly parameters: ReadonlyMap<string, string>;
}

interface AcceptedRange extends MediaType {
  /** 0 to 1; 0: not acceptable. */
  readonly weight: number;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const quoted = '"(?:[^"\\\\]|\\\\[^])*"';
const rangePattern = new RegExp(
  `^(${token}/${token})[ \\t]*((?:;[ \\t]*(?:${token}=(?:${token}|${quoted})[ \\t]*)?)*)$`,
);
const parameterPattern = new RegExp(`(${token})=(${token}|${quoted})`, "g");
const weightPattern = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/**
 * The offer that is accepted best, by the weight of the range that fits it most closely; of equals the first.
 * Without a header everything is accepted. Undefined: none is.
 */
export function preferredOffer<O extends { readonly mediaType: MediaType }>(
  accept: string | undefined,
  offers: readonly O[],
): O | undefined {
  const ranges = accept === undefined || accept.trim() === "" ? undefined : parseAccept(accept);
  if (ranges === undefined) return offers[0];
  let best: O | undefined;
  let bestWeight = 0;
  for (const offer of offers) {
    const weight = weightOf(offer.mediaType, ranges);
    if (weight <= bestWeight) continue;
    best = offer;
    bestWeight = weight;
  }
  return best;
}

/** A type with its parameters, as `text/plain; version=0.0.4`. Undefined: it is none. */
export function parseMediaType(text: string): MediaType | undefined {
  const [, type, rest = ""] = rangePattern.exec(text.trim()) ?? [];
  if (type === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (const [, name = "", value = ""] of rest.matchAll(parameterPattern)) {
    parameters.set(name.toLowerCase(), unquoted(value).toLowerCase());
  }
  return { type: type.toLowerCase(), parameters };
}

/** What is not of the form is left out; the rest counts. */
function parseAccept(accept: string): readonly AcceptedRange[] {
  return elementsOf(accept).flatMap((element) => {
    const { type, parameters } = parseMediaType(element) ?? {};
    if (type === undefined || parameters === undefined) return [];
    const q = parameters.get("q") ?? "1";
    if (!weightPattern.test(q)) return [];
    return [
      { type, parameters: new Map([...parameters].filter(([name]) => name !== "q")), weight: Number(q) },
    ];
  });
}

/** Between commas, but for those in quotes. */
function elementsOf(list: string): readonly string[] {
  const elements: string[] = [];
  let from = 0;
  let inQuotes = false;
  for (let at = 0; at < list.length; at += 1) {
    const char = list[at];
    if (char === '"') inQuotes = !inQuotes;
    else if (inQuotes && char === "\\") at += 1;
    else if (!inQuotes && char === ",") {
      elements.push(list.slice(from, at));
      from = at + 1;
    }
  }
  return [...elements, list.slice(from)];
}

function weightOf(offered: MediaType, ranges: readonly AcceptedRange[]): number {
  let weight = 0;
  let closest = -1;
  for (const range of ranges) {
    const closeness = closenessOf(range, offered);
    if (closeness < closest || closeness === -1) continue;
    weight = closeness === closest ? Math.max(weight, range.weight) : range.weight;
    closest = closeness;
  }
  return weight;
}

/** -1: the range does not fit. Else the more it says, the closer; every parameter that it names has to be there. */
function closenessOf(range: AcceptedRange, offered: MediaType): number {
  const [kind = ""] = offered.type.split("/");
  const level =
    range.type === "*/*" ? 0 : range.type === `${kind}/*` ? 1 : range.type === offered.type ? 2 : -1;
  if (level === -1) return -1;
  for (const [name, value] of range.parameters) {
    if (offered.parameters.get(name) !== value) return -1;
  }
  return level * 1000 + range.parameters.size;
}

const unquoted = (value: string): string =>
  value.startsWith('"') ? value.slice(1, -1).replace(/\\([^])/g, "$1") : value;
