// One text for one JSON value, whatever order its keys came in (as RFC 8785, JSON Canonicalization Scheme).

/** Members that are undefined are left out, as JSON does. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return arrayText(value);
  return isObject(value) ? objectText(value) : (JSON.stringify(value) ?? "null");
}

function arrayText(values: readonly unknown[]): string {
  let text = "[";
  for (let i = 0; i < values.length; i += 1) {
    if (i > 0) text += ",";
    text += canonicalJson(values[i]);
  }
  return text + "]";
}

function objectText(members: Readonly<Record<string, unknown>>): string {
  let text = "{";
  for (const key of sortedKeys(members)) {
    const member = members[key];
    if (member === undefined) continue;
    if (text.length > 1) text += ",";
    text += keyText(key) + canonicalJson(member);
  }
  return text + "}";
}

/** Most need no escape: to see that takes half as long as to look for each. */
const keyText = (key: string): string => (/^\w+$/.test(key) ? `"${key}":` : `${JSON.stringify(key)}:`);

/** More are sorted by V8, which takes longer to begin. */
const fewKeys = 16;

/** By their UTF-16 code units. */
function sortedKeys(members: object): string[] {
  const keys = Object.keys(members);
  if (keys.length > fewKeys) return keys.sort();
  for (let end = 1; end < keys.length; end += 1) insert(keys, end);
  return keys;
}

/** Moves the key at `end` to its place among those before it, which are sorted. */
function insert(keys: string[], end: number): void {
  const key = keys[end];
  if (key === undefined) return;
  let at = end;
  for (let before = keys[at - 1]; before !== undefined && before > key; before = keys[at - 1]) {
    keys[at] = before;
    at -= 1;
  }
  keys[at] = key;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
