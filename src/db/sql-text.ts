// Statements put together of parts, each with its values.

/** Part of a statement with the values of its `?`. */
export interface SqlText {
  readonly text: string;
  readonly params: readonly unknown[];
}

/** A `?` for each value. */
export const marksOf = (values: readonly unknown[]): string => values.map(() => "?").join();

export const plain = (text: string): SqlText => ({ text, params: [] });

export const joined = (...parts: readonly SqlText[]): SqlText => ({
  text: parts.map(({ text }) => text).join(""),
  params: parts.flatMap(({ params }) => params),
});
