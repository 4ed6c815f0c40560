// Where keys that were looked up are kept besides the memory: in the Redis that gateways share, or nowhere.

import type { Settings } from "./config/configuration.ts";
import type { Clock } from "./core/clock.ts";
import type { SharedKeyStore } from "./core/directory/shared-key-store.ts";
import type { RedisSuspicion } from "./stores/redis/redis-suspicion.ts";

/** Undefined: nowhere. */
export async function openSharedKeyStore(
  { apiKeyCache, redisUrl: url }: Pick<Settings, "apiKeyCache" | "redisUrl">,
  { clock, suspicion }: { readonly clock: Clock; readonly suspicion: RedisSuspicion },
): Promise<SharedKeyStore | undefined> {
  if (apiKeyCache === "memory" || url === undefined) return undefined;
  // The client of Redis takes time and memory to load.
  const { createRedisSharedKeys } = await import("./stores/redis/redis-shared-keys.ts");
  // That Redis is away is told by the limits, which ask the same one.
  return createRedisSharedKeys({ url, clock, suspicion, tell() {} });
}
