// What a database keeps of idempotency keys. Of replies it has no more than what the server's secret opens.

import type { SealedText } from "../managed/config-store.ts";
import type { KeyClaim, KeyOfTenant, KeyStanding } from "./idempotency-store.ts";

export interface KeyOfRun extends KeyOfTenant {
  readonly runId: string;
}

export type KeptStanding =
  | Exclude<KeyStanding, { readonly state: "done" }>
  | {
      readonly state: "done";
      readonly requestHash: string;
      readonly runId: string;
      /** Undefined: none was kept. */
      readonly reply: SealedText | undefined;
    };

export interface ExpiredStep {
  readonly nowMs: number;
  /** Keys at most; more than 50 are 50. */
  readonly limit: number;
}

export interface RemovedKeys {
  readonly keys: number;
  /** Whether there may be more. */
  readonly hasMore: boolean;
}

/** Keys that differ stay apart, whatever they are made of. */
export interface KeptKeys {
  /** A key that expires at `nowMs` or before is free. */
  claim(claim: KeyClaim, nowMs: number): Promise<KeptStanding>;
  /** Changes nothing unless the key is that run's, and still running. */
  finish(run: KeyOfRun & { readonly reply: SealedText | undefined }): Promise<void>;
  /** Likewise. */
  release(run: KeyOfRun): Promise<void>;
  /** Those that expired first. No claim depends on it. */
  removeExpired(step: ExpiredStep): Promise<RemovedKeys>;
}
