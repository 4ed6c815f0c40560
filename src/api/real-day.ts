const dayChars = 10;

/** Whether a text of ISO 8601 begins with a day that there is: one that no month has would be counted on into the next. */
export function hasRealDay(text: string): boolean {
  const day = text.slice(0, dayChars);
  const epochMs = Date.parse(day);
  return Number.isFinite(epochMs) && new Date(epochMs).toISOString().startsWith(day);
}
