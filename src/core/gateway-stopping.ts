// What callers are told of a gateway that stops.

import { GatewayError } from "./errors.ts";

/** Another gateway, or the next process of this one, is mostly there by then. */
const retryAfterMs = 1_000;

export const gatewayStopping = (): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message: "The gateway is stopping. Send it to another one, or again in a moment.",
    retryAfterMs,
  });
