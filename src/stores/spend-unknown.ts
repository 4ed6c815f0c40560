import { GatewayError } from "../core/errors.ts";

/** How long nobody asks again after the records could not be read. */
export const spendRestMs = 1_000;

/** How long the records are waited for. */
export const spendPatienceMs = 10_000;

export const spendUnknown = (cause?: unknown): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message: "What was spent of the budget cannot be read at the moment. Send the call again later.",
    retryAfterMs: spendRestMs,
    cause,
  });
