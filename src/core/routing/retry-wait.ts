// Whether a target that failed is tried again, and after which wait: a pure rule.

import { failureActions, type ProviderError } from "../provider-error.ts";

export interface RetryQuestion {
  readonly error: ProviderError;
  /** How often it was tried again already. */
  readonly retried: number;
  readonly retries: number;
  /** Whether another target could be asked at once. */
  readonly anotherIsReady: boolean;
  /** Until the target may be asked at all; 0: now. */
  readonly opensInMs: number;
  readonly maxRetryDelayMs: number;
  readonly remainingMs: number;
  readonly random: () => number;
}

const firstStepMs = 100;
const longestStepMs = 2_000;
/** Where there is nobody else to ask: longer than this a caller hears that all have failed, and when to come back. */
const longestLastWaitMs = 10_000;

/** Undefined: not again. */
export function retryWaitMs(question: RetryQuestion): number | undefined {
  const { error, retried, retries, anotherIsReady, opensInMs, maxRetryDelayMs, remainingMs, random } =
    question;
  if (retried >= retries) return undefined;
  const limited = error.failure === "rate_limited";
  if (failureActions[error.failure] !== "retry" && !limited) return undefined;
  // The next target is asked at once.
  if (anotherIsReady && (limited || error.wholeProvider)) return undefined;
  // What a limited key was told is of that key: another one may be free sooner.
  const askedMs = limited ? opensInMs : Math.max(error.retryAfterMs ?? 0, opensInMs);
  const waitMs = askedMs + fullJitterMs(retried, random);
  if (waitMs > (anotherIsReady ? maxRetryDelayMs : longestLastWaitMs)) return undefined;
  return waitMs < remainingMs ? waitMs : undefined;
}

/**
 * Any time up to a bound that doubles (Brooker: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015): those
 * who failed together do not come back together.
 */
const fullJitterMs = (retried: number, random: () => number): number =>
  random() * Math.min(longestStepMs, firstStepMs * 2 ** retried);
