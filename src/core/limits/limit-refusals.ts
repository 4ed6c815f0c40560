// What callers hear of limits that they have come to.

import { GatewayError } from "../errors.ts";
import type { ReplyLimits } from "./reply-limits.ts";
import type { SubjectBucket, SubjectPlace } from "./limit-subjects.ts";

/** How long one is told to wait for a place: nobody knows when a stream ends. */
const placeRetryMs = 1_000;

export const tooManyRequests = (
  bucket: SubjectBucket,
  { retryAfterMs, limits }: { readonly retryAfterMs: number; readonly limits: ReplyLimits },
): GatewayError =>
  new GatewayError({
    code: "rate_limited",
    message: `${nameOf(bucket)} requests a minute is used up. Send the call again in ${seconds(retryAfterMs)}.`,
    retryAfterMs,
    limits,
  });

/** `tokens`: what the call may use. */
export const tooManyTokens = (
  bucket: SubjectBucket,
  { tokens, retryAfterMs }: { readonly tokens: number; readonly retryAfterMs: number },
): GatewayError =>
  new GatewayError({
    code: "rate_limited",
    message:
      `${nameOf(bucket)} tokens a minute has not enough left for this call, which may use ${tokens}. ` +
      `Send it again in ${seconds(retryAfterMs)}, or let it answer with fewer.`,
    retryAfterMs,
  });

export const tooManyStreams = (place: SubjectPlace): GatewayError =>
  new GatewayError({
    code: "rate_limited",
    message: `${nameOf(place)} streams at a time is reached. Send the call again when one of them has ended.`,
    retryAfterMs: placeRetryMs,
  });

const nameOf = ({ whose, limit }: SubjectBucket | SubjectPlace): string => `The ${whose}'s limit of ${limit}`;

const seconds = (ms: number): string => `${Math.ceil(ms / 100) / 10} s`;
