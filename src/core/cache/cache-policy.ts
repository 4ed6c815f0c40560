// What is kept of answers and for how long.

import type { SemanticPolicy } from "./semantic/semantic-policy.ts";

/** `deterministic`: calls whose request fixes the answer as far as a model can (temperature 0, embeddings). */
export type CacheMode = "deterministic" | "all" | "off";

/** What a use case, a route or a tenant may say; absent: what the next one says, at last the gateway. */
export interface CachePolicy {
  readonly mode?: CacheMode | undefined;
  /** 0: nothing is kept. */
  readonly ttlSeconds?: number | undefined;
}

export interface RouteCachePolicy extends CachePolicy {
  /** How long past its time an answer may serve where every provider failed. Absent: not at all. */
  readonly staleIfErrorSeconds?: number | undefined;
  /** Absent: a kept answer serves the question that it was given to alone. */
  readonly semantic?: SemanticPolicy | undefined;
}
