import type { CallWishes } from "../call-wishes.ts";
import type { ChatInput } from "./schema/chat-input.ts";

type WishingFields = Pick<typeof ChatInput.$inferInput, "cache" | "idempotencyKey" | "resumable">;

/** What an input wishes of its call. */
export const toWishes = ({ cache, idempotencyKey, resumable }: WishingFields): CallWishes => ({
  cache: cache
    ? {
        mode: cache.mode ?? undefined,
        ttlSeconds: cache.ttlSeconds ?? undefined,
        maxAgeSeconds: cache.maxAgeSeconds ?? undefined,
      }
    : undefined,
  // The empty key means the same as none, as in the protobuf.
  idempotencyKey: idempotencyKey || undefined,
  resumable: resumable ?? undefined,
});
