import { ConfigurationError, type Settings } from "./configuration.ts";

/** @throws ConfigurationError for keys that are to be kept in a Redis that there is not */
export function checkApiKeyCache({
  apiKeyCache,
  redisUrl,
}: Pick<Settings, "apiKeyCache" | "redisUrl">): void {
  if (apiKeyCache === "memory" || redisUrl !== undefined) return;
  throw new ConfigurationError(
    "API_KEY_CACHE=redis needs REDIS_URL. Set it to the address of a Redis, or API_KEY_CACHE to memory.",
  );
}
