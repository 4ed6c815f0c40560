// How long a vendor asks to wait. Source: RFC 9110, 10.2.3; `retry-after-ms` as OpenAI's SDK reads it.

const longestMs = 86_400_000;

/**
 * Milliseconds, at most a day; undefined when the headers tell none. A date is counted from the answer's own
 * `date`, so that no clock is needed and clocks may differ.
 */
export function retryAfterMsOf(headers: Readonly<Record<string, string>>): number | undefined {
  const ms = numberIn(headers["retry-after-ms"]);
  if (ms !== undefined) return Math.min(Math.ceil(ms), longestMs);
  const retryAfter = headers["retry-after"];
  const seconds = numberIn(retryAfter);
  if (seconds !== undefined) return Math.min(Math.ceil(seconds * 1000), longestMs);
  const wait = Date.parse(retryAfter ?? "") - Date.parse(headers["date"] ?? "");
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(wait, 0), longestMs);
}

const numberIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
