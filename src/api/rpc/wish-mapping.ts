// What a message of protobuf wishes of its call, and of a stream to go on with.

import {
  type CacheWish as CacheWishMessage,
  CacheWishMode,
  type ResumeChatRequest,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { CacheControl } from "../../core/call.ts";
import { invalidRequest } from "../../core/errors.ts";
import type { CallWishes } from "../call-wishes.ts";
import type { Resumed } from "../resume-stream.ts";
import { createEnumReader, textOrAbsent } from "./field-reading.ts";

const readMode = createEnumReader<CacheControl["mode"] | undefined>({
  names: {
    [CacheWishMode.UNSPECIFIED]: undefined,
    [CacheWishMode.DEFAULT]: "default",
    [CacheWishMode.NO_CACHE]: "no_cache",
    [CacheWishMode.NO_STORE]: "no_store",
    [CacheWishMode.ONLY_IF_CACHED]: "only_if_cached",
  },
  allowed: "a value of CacheWishMode",
});

interface WishingMessage {
  readonly cache?: CacheWishMessage | undefined;
  readonly idempotencyKey: string;
  readonly resumable?: boolean;
}

/** @throws GatewayError `invalid_request` */
export const toWishes = ({ cache, idempotencyKey, resumable }: WishingMessage): CallWishes => ({
  cache: cache && {
    mode: readMode("cache.mode", cache.mode),
    ttlSeconds: cache.ttlSeconds,
    maxAgeSeconds: cache.maxAgeSeconds,
  },
  idempotencyKey: textOrAbsent(idempotencyKey),
  // Protobuf cannot tell false from absent.
  resumable: resumable === true ? true : undefined,
});

/** @throws GatewayError `invalid_request` */
export function toResumed({ id, afterSequence = -1n }: ResumeChatRequest): Resumed {
  if (afterSequence >= -1n && afterSequence <= Number.MAX_SAFE_INTEGER) {
    return { id, afterSequence: Number(afterSequence) };
  }
  throw invalidRequest("afterSequence", `must be between -1 and 2^53 - 1, not ${afterSequence}`);
}
