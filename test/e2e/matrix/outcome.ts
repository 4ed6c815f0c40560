// What became of something that was asked, whatever front end it was asked by.

import type { ErrorCode } from "../../../src/core/errors.ts";

/** `nothing`: an answer without anything in it; `wrong_method`: the path has no such method. */
export type Outcome = "ok" | "nothing" | "wrong_method" | ErrorCode;

export interface Answer {
  readonly outcome: Outcome;
  /** All that was answered, headers too. */
  readonly text: string;
}
