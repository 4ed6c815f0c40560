// The text of `.env` with answers filled in: what stands there already, comments and order included, stays.

import { parseEnv } from "node:util";
import { SetupError } from "./setup-error.ts";

/** Values by their variables. */
export type EnvValues = Readonly<Record<string, string>>;

/** What `util.parseEnv` takes without quotes as it stands. */
const plainPattern = /^[A-Za-z0-9_./:@+,=~%-]*$/;
const quotes = ["'", '"', "`"] as const;

export interface EnvFile {
  /** `.env.example` */
  readonly example: string;
  /** `.env`, where there is one. */
  readonly existing: string | undefined;
  readonly values: EnvValues;
}

/**
 * The first file is the example with the values; later ones are what is there with the values, and after it what the
 * example has come to have since.
 * @throws SetupError for a value that no line of such a file can hold, or lines that no value can be put between
 */
export function fillEnvFile({ example, existing, values }: EnvFile): string {
  const offered = linesOf(example);
  const there = existing === undefined ? undefined : withoutMark(existing);
  const lines = there === undefined ? [...offered] : [...withNewer(linesOf(there), offered)];
  const known = parseEnv(there ?? "");
  for (const [name, value] of Object.entries(values)) {
    if (known[name] === value) continue;
    const set = `${name}=${quoted(name, value)}`;
    const at = placeOf(lines, name, offered);
    const line = lines[at];
    if (line === undefined) lines.push(set);
    else lines[at] = nameSet(line) === name ? `${beforeName(line)}${set}${noteOf(line)}` : set;
  }
  const end = there?.includes("\r\n") === true ? "\r\n" : "\n";
  const text = lines.map((line) => `${line}${end}`).join("");
  checkValues(text, { ...known, ...values });
  return text;
}

/** Some editors put it before UTF-8. It would be a part of the first variable's name. */
export const withoutMark = (text: string): string => text.replace(/^\uFEFF/, "");

/** A quote that an earlier line leaves open would take in what comes after it. */
function checkValues(text: string, wanted: Readonly<Record<string, string | undefined>>): void {
  const read = parseEnv(text);
  const wrong = [...new Set([...Object.keys(read), ...Object.keys(wanted)])].filter(
    (name) => read[name] !== wanted[name],
  );
  if (wrong.length === 0) return;
  throw new SetupError(
    `.env: cannot be filled in without a change of ${wrong.join(", ")}. Most likely a quote is not closed, or a ` +
      "value goes over several lines: correct that, or set what you want by hand.",
  );
}

const linesOf = (text: string): readonly string[] => text.replace(/\r?\n$/, "").split(/\r?\n/);

/**
 * Where the variable is set, else where it stands as the example's comment: another one is somebody's own. Of several
 * settings the last one counts.
 */
function placeOf(lines: readonly string[], name: string, offered: readonly string[]): number {
  const set = lines.findLastIndex((line) => nameSet(line) === name);
  if (set !== -1) return set;
  return lines.findIndex((line) => nameCommented(line) === name && offered.includes(line));
}

const nameSet = (line: string): string | undefined =>
  /^\s*(?:export\s+)?([A-Z_][A-Z0-9_]*)\s*=/.exec(line)?.[1];

const beforeName = (line: string): string => /^\s*(?:export\s+)?/.exec(line)?.[0] ?? "";

/**
 * The comment behind the value. What follows a `#` within an unquoted value, or a quote that is not closed, is taken
 * for a part of the value.
 */
function noteOf(line: string): string {
  const behind = line.slice(line.indexOf("=") + 1);
  const [inQuotes] = /^\s*(?:'[^']*'|"[^"]*"|`[^`]*`)/.exec(behind) ?? [];
  if (inQuotes !== undefined) return /\s*#.*$/s.exec(behind.slice(inQuotes.length))?.[0] ?? "";
  return /^\s*['"`]/.test(behind) ? "" : (/\s+#.*$/s.exec(behind)?.[0] ?? "");
}

const nameCommented = (line: string): string | undefined => /^#\s*([A-Z_][A-Z0-9_]*)=/.exec(line)?.[1];

/** What the example shows and nobody has written about yet. */
function withNewer(lines: readonly string[], example: readonly string[]): readonly string[] {
  const known = new Set(lines.map((line) => nameSet(line) ?? nameCommented(line)));
  const newer = example.filter((line) => {
    const name = nameCommented(line);
    return name !== undefined && !known.has(name);
  });
  return [...lines, ...newer];
}

function quoted(name: string, value: string): string {
  if (plainPattern.test(value)) return value;
  const quote = quotes.find((each) => !value.includes(each) && !(each === '"' && value.includes("\\")));
  if (quote === undefined || /[\r\n\0]/.test(value)) {
    throw new SetupError(`${name}: has characters that .env cannot hold. Set it in the environment.`);
  }
  return `${quote}${value}${quote}`;
}
