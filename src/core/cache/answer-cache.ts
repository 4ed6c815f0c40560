// Whole answers, kept so that equal calls of the same tenant are given them again.

import type { OperationName } from "../operation-name.ts";
import type { Loss } from "../reply.ts";

/** One whole answer, and whose it is. Plain values; nothing of the call that it was made for but its id. */
export interface CachedAnswer<E extends object = object> {
  readonly operation: OperationName;
  /** As a provider yields them (`Operation.keeper`): each call that is given them stamps them anew. */
  readonly events: readonly E[];
  readonly provider: string;
  /** The model asked of the provider. */
  readonly model: string;
  readonly losses: readonly Loss[];
  /** What it cost, and each call that is given it saves; null: not known. */
  readonly costNanos: bigint | null;
  /** Of the call that it was made for. */
  readonly requestId: string;
  /** When it was kept, and until when it serves, on the wall clock. */
  readonly storedAtMs: number;
  readonly freshUntilMs: number;
  /** From `freshUntilMs` to here it serves in place of an error only. */
  readonly staleUntilMs: number;
  /** About what it takes in memory. */
  readonly bytes: number;
}

/**
 * Keys begin with the tenant's slug and a slash; what follows is a digest. A store gives back what was put under
 * exactly that key, or nothing: entries that are expired, not whole, or of a later time than now are nothing.
 */
export interface AnswerCache {
  /** Without a promise where memory knows. A store that cannot be reached in time has nothing; it never rejects. */
  find(key: string): CachedAnswer | undefined | Promise<CachedAnswer | undefined>;
  /** Takes no time of the caller's; what is larger than the store keeps is left out. */
  put(key: string, answer: CachedAnswer): void;
  /** What stands in its way, each a sentence for operators. */
  problems(): readonly string[];
  close(): Promise<void>;
}
