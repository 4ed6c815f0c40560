// What is known of the calls that came with an idempotency key, so that none is processed twice.

export interface KeyOfTenant {
  readonly tenantId: string;
  readonly key: string;
}

export interface KeyClaim extends KeyOfTenant {
  /** Of the validated request with its operation. */
  readonly requestHash: string;
  /** Of the run: the id of its first call. */
  readonly runId: string;
  /** The process that runs it; another one after each start. */
  readonly nodeId: string;
  readonly createdAtMs: number;
  /** From then on the key is free. */
  readonly expiresAtMs: number;
}

/** How a key stood when it was claimed. */
export type KeyStanding =
  /** It was free, and is the claimant's now. */
  | { readonly state: "claimed" }
  | {
      readonly state: "running";
      readonly requestHash: string;
      readonly runId: string;
      readonly nodeId: string;
    }
  | {
      readonly state: "done";
      readonly requestHash: string;
      readonly runId: string;
      /** As it was given; undefined: it was too large to be kept, or cannot be opened any more. */
      readonly reply: string | undefined;
    };

/** Rejects with a GatewayError `unavailable` where what it is kept in cannot be reached. */
export interface IdempotencyStore {
  /** One claimant of a free key gets it, however many there are. */
  claim(claim: KeyClaim): Promise<KeyStanding>;
  /** The run has ended with this reply; undefined: one that is too large to be kept. */
  finish(run: KeyOfTenant & { readonly runId: string; readonly reply: string | undefined }): Promise<void>;
  /** The run has ended before anything was sent: the key is free again. */
  release(run: KeyOfTenant & { readonly runId: string }): Promise<void>;
}
