const maxChars = 256;

/** The vendor's id of a request, from the first of the headers that has one. */
export function requestIdIn(
  headers: Readonly<Record<string, string>>,
  names: readonly string[],
): string | undefined {
  for (const name of names) {
    const id = headers[name];
    if (id !== undefined && id !== "") return id.slice(0, maxChars);
  }
  return undefined;
}
