// What an HTTP answer tells of the limits that hold for its caller: as the standard to be has it
// (draft-ietf-httpapi-ratelimit-headers-11), and as OpenAI does, whose clients read that.
// https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers

import type { BucketState } from "../core/limits/limit-store.ts";
import type { ReplyLimits } from "../core/limits/reply-limits.ts";

/** Every header that `limitHeaders` may give, besides `retry-after`. */
export const limitHeaderNames = [
  "ratelimit",
  "ratelimit-policy",
  "x-ratelimit-limit-requests",
  "x-ratelimit-limit-tokens",
  "x-ratelimit-remaining-requests",
  "x-ratelimit-remaining-tokens",
  "x-ratelimit-reset-requests",
  "x-ratelimit-reset-tokens",
] as const;

export interface LimitsTold {
  readonly limits?: ReplyLimits | undefined;
  /** Of a refusal: the end of the time that a client should keep still is never later. */
  readonly retryAfterMs?: number | undefined;
}

/** Adds what is known to the headers; of nothing it adds none. */
export function addLimitHeaders(headers: Record<string, string>, { limits, retryAfterMs }: LimitsTold): void {
  if (retryAfterMs !== undefined) headers["retry-after"] = String(Math.ceil(retryAfterMs / 1000));
  if (limits === undefined) return;
  const { requests, tokens } = limits;
  if (requests !== undefined) {
    headers["x-ratelimit-limit-requests"] = String(requests.limit);
    headers["x-ratelimit-remaining-requests"] = String(Math.max(0, requests.remaining));
    headers["x-ratelimit-reset-requests"] = durationText(requests.resetMs);
  }
  if (tokens !== undefined) {
    headers["x-ratelimit-limit-tokens"] = String(tokens.limit);
    headers["x-ratelimit-remaining-tokens"] = String(Math.max(0, tokens.remaining));
    headers["x-ratelimit-reset-tokens"] = durationText(tokens.resetMs);
  }
  if (requests !== undefined && tokens !== undefined) {
    headers["ratelimit-policy"] = `${policy("requests", requests)}, ${tokenPolicy(tokens)}`;
    headers["ratelimit"] =
      `${serviceLimit("requests", requests, retryAfterMs)}, ${serviceLimit("tokens", tokens, retryAfterMs)}`;
  } else if (requests !== undefined) {
    headers["ratelimit-policy"] = policy("requests", requests);
    headers["ratelimit"] = serviceLimit("requests", requests, retryAfterMs);
  } else if (tokens !== undefined) {
    headers["ratelimit-policy"] = tokenPolicy(tokens);
    headers["ratelimit"] = serviceLimit("tokens", tokens, retryAfterMs);
  }
}

const policy = (name: string, { limit }: BucketState): string => `"${name}";q=${limit};w=60`;

/** The draft's units are requests and bytes: what is not one of them has to be named. */
const tokenPolicy = (state: BucketState): string => `${policy("tokens", state)};qu="tokens"`;

/** `t`: the seconds in which no more than `r` can be used for certain. */
const serviceLimit = (
  name: string,
  { remaining, resetMs }: BucketState,
  retryAfterMs = Number.POSITIVE_INFINITY,
): string => `"${name}";r=${Math.max(0, remaining)};t=${Math.ceil(Math.min(resetMs, retryAfterMs) / 1000)}`;

/** As OpenAI writes them: `12ms`, `1s`, `6m0s`, `1h0m0s`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  const tenths = Math.ceil(ms / 100);
  const wholeMinutes = Math.floor(tenths / 600);
  const seconds = `${(tenths - wholeMinutes * 600) / 10}s`;
  if (wholeMinutes === 0) return seconds;
  const hours = Math.floor(wholeMinutes / 60);
  const minutes = `${wholeMinutes - hours * 60}m`;
  return hours === 0 ? minutes + seconds : `${hours}h${minutes}${seconds}`;
}
