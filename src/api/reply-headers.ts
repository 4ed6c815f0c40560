// What an HTTP answer tells of its call in headers.

import type { ReplyMeta } from "../core/reply.ts";

/** Every header that `replyHeaders` may give. */
export const replyHeaderNames = [
  "x-request-id",
  "x-sluice-attempts",
  "x-sluice-cache-status",
  "x-sluice-cost-nanos",
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
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined) headers[name] = value;
  };
  add("x-request-id", ascii(meta.correlationId));
  add("x-sluice-provider", ascii(meta.provider));
  add("x-sluice-model", ascii(meta.modelServed ?? meta.model));
  add("x-sluice-route", ascii(meta.route));
  add("x-sluice-latency-ms", meta.latencyMs?.toFixed(1));
  add("x-sluice-cost-nanos", meta.costNanos?.toString());
  if (meta.losses.length > 0) add("x-sluice-losses", ascii(meta.losses.map((loss) => loss.field).join(",")));
  return headers;
}

const ascii = (value: string | undefined): string | undefined =>
  value === undefined
    ? undefined
    : /^[\x20-\x7e]*$/.test(value)
      ? value
      : encodeURIComponent(value.toWellFormed());
