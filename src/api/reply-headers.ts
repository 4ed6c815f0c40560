// What an HTTP answer tells of its call in headers.

import type { ReplyMeta } from "../core/reply.ts";

/** Every header that `replyHeaders` may give. */
export const replyHeaderNames = [
  "x-request-id",
  "x-sluice-attempts",
  "x-sluice-cache-status",
  "x-sluice-cost-nanos",
  "x-sluice-degraded",
  "x-sluice-latency-ms",
  "x-sluice-losses",
  "x-sluice-model",
  "x-sluice-provider",
  "x-sluice-request-id",
  "x-sluice-route",
] as const;

/** The `x-sluice-*` headers for what is known; header values are ASCII, so other characters are escaped. */
export function replyHeaders(meta: ReplyMeta): Record<string, string> {
  const headers: Record<string, string> = {
    "x-sluice-request-id": meta.requestId,
    "x-sluice-attempts": String(meta.attempts),
    "x-sluice-cache-status": meta.cacheStatus,
  };
  const { correlationId, provider, model, route, latencyMs, costNanos, losses, degraded } = meta;
  const answering = meta.modelServed ?? model;
  // Each by its name: by a variable's, V8 would look each of them up.
  if (correlationId !== undefined) headers["x-request-id"] = ascii(correlationId);
  if (provider !== undefined) headers["x-sluice-provider"] = ascii(provider);
  if (answering !== undefined) headers["x-sluice-model"] = ascii(answering);
  if (route !== undefined) headers["x-sluice-route"] = ascii(route);
  if (latencyMs !== undefined) headers["x-sluice-latency-ms"] = latencyMs.toFixed(1);
  if (costNanos !== undefined && costNanos !== null) headers["x-sluice-cost-nanos"] = String(costNanos);
  if (losses.length > 0) headers["x-sluice-losses"] = ascii(losses.map((loss) => loss.field).join(","));
  if (degraded !== undefined) headers["x-sluice-degraded"] = degraded;
  return headers;
}

const ascii = (value: string): string =>
  /^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value.toWellFormed());
