/** In milliseconds: the finer `retry-after-ms` of OpenAI, else `retry-after` in seconds (RFC 9110, 10.2.3). */
export function retryAfterOf(headers: Readonly<Record<string, string>>): number | undefined {
  const fine = headers["retry-after-ms"];
  if (fine !== undefined) return Number(fine);
  const seconds = headers["retry-after"];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
