import type { CachedAnswer } from "./answer-cache.ts";

/** Clocks of two gateways, and one before and after it was set right, differ by no more where all is well. */
const skewMs = 60_000;

/** Whether the answer is of any use now; one of a later time than now tells that a clock is wrong. */
export const servesAt = (
  { storedAtMs, staleUntilMs }: Pick<CachedAnswer, "storedAtMs" | "staleUntilMs">,
  nowMs: number,
): boolean => nowMs < staleUntilMs && storedAtMs - nowMs <= skewMs;
