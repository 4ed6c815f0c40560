// What a call wishes of the gateway's cache: the protobuf's CacheWish, field for field.

import type { CacheControl } from "../../../core/call.ts";
import { builder } from "../builder.ts";

const CacheWishModeEnum = builder.enumType("CacheWishMode", {
  description: "Whether an answer may come from the cache, and be kept there.",
  values: {
    DEFAULT: { value: "default", description: "As the gateway is configured." },
    NO_CACHE: { value: "no_cache", description: "A fresh answer, which is kept." },
    NO_STORE: { value: "no_store", description: "A fresh answer, which is not kept." },
    ONLY_IF_CACHED: { value: "only_if_cached", description: "None but a kept answer." },
  } satisfies Record<Uppercase<CacheControl["mode"]>, { value: CacheControl["mode"]; description: string }>,
});

export const CacheInput = builder.inputType("CacheInput", {
  description:
    "What a caller wishes of the gateway's cache. What is left out is as the gateway is configured.",
  fields: (t) => ({
    mode: t.field({
      type: CacheWishModeEnum,
      description: "Absent: as the header `cache-control` says; else the default.",
    }),
    ttlSeconds: t.int({
      description:
        "How long the answer may be kept, 0 to 2592000 (30 days). Asks to keep it where the gateway would not.",
    }),
    maxAgeSeconds: t.int({ description: "The oldest kept answer that is wanted, 0 or more." }),
  }),
});
