/** A client that comes back sooner finds the line as long as it was. */
const soonestRetryMs = 1_000;

/** How long one who was not let in is told to wait. */
export const retryAfterQueueMs = (expectedWaitMs: number): number =>
  Math.max(soonestRetryMs, Math.ceil(expectedWaitMs));
