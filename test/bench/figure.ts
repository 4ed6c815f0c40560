// A figure that is measured, and what comes of it.

/** A line of the table; `holds` is undefined where it has no limit. */
export interface Judged {
  readonly holds?: boolean | undefined;
}

/** `C`: what it is given; `L`: how its lines look. */
export interface MeasuredFigure<C, L extends Judged> {
  /** As on the command line. */
  readonly name: string;
  /** What is measured and how, for a reader who sees only the output. */
  readonly method: readonly string[];
  measure(context: C): Promise<{ readonly lines: readonly L[]; readonly notes: readonly string[] }>;
}

export const verdictOf = ({ holds }: Judged): string =>
  holds === undefined ? "for information" : holds ? "holds" : "MISSES";
