// A GatewayError as Google's error details (https://google.aip.dev/193): ErrorInfo, whose reason is our code,
// and RetryInfo. They travel in trailers, which some clients hold to 8 KiB in all, so everything is bounded.

import type { ErrorInfo, RetryInfo } from "../../../generated/proto/google/rpc/error_details_pb.ts";
import type { GatewayError } from "../../core/errors.ts";
import type { ReplyMeta } from "../../core/reply.ts";

const maxMessageChars = 1_024;
const maxListChars = 1_536;
const maxEntryChars = 256;

/** The error's message for the wire: bounded, and without lone surrogates, on which grpc-js would throw. */
export const wireMessage = (error: GatewayError): string => cut(error.message, maxMessageChars);

/** `attempts` and `losses` are JSON text of lists; what did not fit is left out from their end. */
export function errorInfo(error: GatewayError): ErrorInfo {
  const metadata: Record<string, string> = {};
  const add = (key: string, value: string | undefined) => {
    if (value !== undefined) metadata[key] = cut(value, maxEntryChars);
  };
  add("field", error.field);
  if (error.meta !== undefined) {
    for (const [key, value] of metaEntries(error.meta)) add(key, value);
  }
  if (error.attempts.length > 0) {
    metadata["attempts"] = boundedList(
      error.attempts.map((attempt) => ({ ...attempt, message: cut(attempt.message, maxEntryChars) })),
    );
  }
  if (error.meta !== undefined && error.meta.losses.length > 0) {
    metadata["losses"] = boundedList(error.meta.losses);
  }
  return { $typeName: "google.rpc.ErrorInfo", reason: error.code, domain: "sluice", metadata };
}

/** When to try again, where that is known. */
export function retryInfo({ retryAfterMs }: GatewayError): RetryInfo | undefined {
  if (retryAfterMs === undefined) return undefined;
  const wholeMs = Math.ceil(retryAfterMs);
  return {
    $typeName: "google.rpc.RetryInfo",
    retryDelay: {
      $typeName: "google.protobuf.Duration",
      seconds: BigInt(Math.floor(wholeMs / 1_000)),
      nanos: (wholeMs % 1_000) * 1_000_000,
    },
  };
}

const metaEntries = (meta: ReplyMeta): readonly (readonly [string, string | undefined])[] => [
  ["request_id", meta.requestId],
  ["correlation_id", meta.correlationId],
  ["provider", meta.provider],
  ["model", meta.model],
  ["model_served", meta.modelServed],
  ["route", meta.route],
  ["attempt_count", String(meta.attempts)],
  ["cache_status", meta.cacheStatus],
  ["degraded", meta.degraded],
  ["latency_ms", meta.latencyMs?.toFixed(1)],
  ["cost_nanos", meta.costNanos?.toString()],
];

function boundedList(entries: readonly object[]): string {
  const texts: string[] = [];
  let chars = 2;
  for (const entry of entries) {
    const text = JSON.stringify(entry);
    chars += text.length + 1;
    if (chars > maxListChars) break;
    texts.push(text);
  }
  return `[${texts.join(",")}]`;
}

const cut = (text: string, maxChars: number): string =>
  (text.length > maxChars ? `${text.slice(0, maxChars - 1)}…` : text).toWellFormed();
