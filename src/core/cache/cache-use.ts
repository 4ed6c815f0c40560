// Whether and how a call uses the cache.

import type { Call } from "../call.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { ResolvedModel } from "../routing/resolve-model.ts";

export interface CacheUse {
  /** Whether a kept answer may serve. */
  readonly read: boolean;
  /** Nothing but a kept answer is wanted. */
  readonly onlyKept: boolean;
  readonly maxAgeSeconds: number | undefined;
  /** How long its answer is kept; 0: it is not. */
  readonly keepSeconds: number;
  /** How long beyond that it may serve in place of an error. */
  readonly staleSeconds: number;
}
