import type { CacheMode } from "../core/cache/cache-policy.ts";

export const cacheModes = ["deterministic", "all", "off"] as const satisfies readonly CacheMode[];
