// Timeouts that clients of Connect and gRPC-Web ask for.

import { maxTimeoutMs } from "./rpc-service.ts";

const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/**
 * Cuts them to the longest that is kept: Connect gives them to Node's timers as they are. What is no timeout
 * is left for Connect to refuse.
 */
export function capTimeouts(header: Headers): void {
  if (Number(header.get("connect-timeout-ms") ?? 0) > maxTimeoutMs) {
    header.set("connect-timeout-ms", String(maxTimeoutMs));
  }
  const [, amount = "0", unit = "m"] = /^(\d{1,8})([HMSmun])$/.exec(header.get("grpc-timeout") ?? "") ?? [];
  if (Number(amount) * (unitMs[unit] ?? 0) > maxTimeoutMs) header.set("grpc-timeout", `${maxTimeoutMs}m`);
}
