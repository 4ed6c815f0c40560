// What the doctor looks at and what it finds.

/** `fail`: the gateway would not start or could not serve; `warn`: it would, and something is worth mending. */
export type Verdict = "ok" | "warn" | "fail";

export interface Finding {
  readonly verdict: Verdict;
  /** What was looked at, in a word or two. */
  readonly subject: string;
  /** What is so, and what to do about it. */
  readonly text: string;
}

export interface Check {
  readonly subject: string;
  look(signal: AbortSignal): Promise<readonly Finding[]>;
}
