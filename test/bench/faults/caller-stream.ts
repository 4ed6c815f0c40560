// One stream as its caller holds it.

export interface CallerStream {
  /** Resolves with the first event; rejects where none comes. */
  readonly begun: Promise<void>;
  /** Undefined: whole; else what was wrong with its end. Never rejects. */
  readonly ended: Promise<string | undefined>;
  leave(): void;
}

export interface AskedStream {
  /** Its number, which its prompt names. */
  readonly stream: number;
  /** `all`: it is read to its end; `first`: no more than what comes with its first event. */
  readonly reads: "all" | "first";
}
