// What may be said of cached answers, wherever it is said.

import type { CacheMode } from "../core/cache/cache-policy.ts";

export const cacheModes = ["deterministic", "all", "off"] as const satisfies readonly CacheMode[];

/** 30 days. */
export const longestTtlSeconds = 2_592_000;
