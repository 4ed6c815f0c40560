// One text for one JSON value, whatever order its keys came in (as RFC 8785, JSON Canonicalization Scheme).

/** Members that are undefined are left out, as JSON does. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return arrayText(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  let text = "{";
  const members: Readonly<Record<string, unknown>> = { ...value };
  // By their UTF-16 code units.
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member === undefined) continue;
    if (text.length > 1) text += ",";
    text += `${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `${text}}`;
}

function arrayText(values: readonly unknown[]): string {
  let text = "[";
  for (const [i, value] of values.entries()) text += `${i === 0 ? "" : ","}${canonicalJson(value)}`;
  return `${text}]`;
}
