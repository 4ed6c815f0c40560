// PostgreSQL's text holds no NUL character and no half of a surrogate pair, and a statement of SQLite ends at a
// NUL: both become U+FFFD.

// JSON.stringify writes every NUL and every lone surrogate as an escape, and nothing else as one of these.
const unstorableEscape = /\\u(?:0000|d[89a-f])/;

/** Whether a JSON text may hold what PostgreSQL cannot: true also for a text that speaks of such an escape. */
export const mayBeUnstorable = (json: string): boolean => unstorableEscape.test(json);

export const storableText = (text: string): string => text.toWellFormed().replaceAll("\0", "\ufffd");

/** A JSON text, as `JSON.stringify` makes it, without what PostgreSQL's JSON cannot hold. */
export function storableJson(json: string): string {
  if (!mayBeUnstorable(json)) return json;
  // An escape begins at a backslash that is not itself escaped.
  return json.replaceAll(/\\(?:u(?:0000|d[89a-f][0-9a-f]{2})|.)/g, (escape) =>
    escape.length > 2 ? "\ufffd" : escape,
  );
}

/** The value with every text in it made storable, however deep. */
export function storableValue<T>(value: T): T;
export function storableValue(value: unknown): unknown {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map((item: unknown) => storableValue(item));
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [storableText(key), storableValue(member)]),
  );
}
