// What a database does for records, whichever it is. The record queue writes to it, Records read from it.

import type { AttemptRecord, OpenedCall, Settlement } from "../core/usage/ledger.ts";
import type { KeptBodies, RequestFilter, RequestPage, RequestRecord } from "../core/usage/records.ts";

/** A body on its way to the database; `cut`: it was too long to be taken whole. */
export interface QueuedBody {
  readonly value: unknown;
  readonly cut: boolean;
}

/** What is new of one call: its beginning, attempts and end, each if it has come since the last batch. */
export interface QueuedCall {
  readonly id: string;
  readonly opened: Omit<OpenedCall, "requestBody"> | undefined;
  readonly requestBody: QueuedBody | undefined;
  readonly attempts: readonly AttemptRecord[];
  readonly settlement: Omit<Settlement, "replyBody"> | undefined;
  readonly settledAtMs: number | undefined;
  readonly replyBody: QueuedBody | undefined;
}

/** A call that the database will never take, and why. */
export interface RejectedCall {
  readonly id: string;
  readonly message: string;
}

export interface RecordQuery {
  readonly tenantId: string;
  /** 1 to 200. */
  readonly first: number;
  /** The last record of the page before. */
  readonly after: { readonly createdAtMs: number; readonly id: string } | undefined;
  readonly filter: RequestFilter;
}

export interface RecordKey {
  readonly tenantId: string;
  readonly id: string;
}

export interface RecordStore {
  /**
   * Writes a batch whole or, if it rejects, not at all; writing one again changes nothing. Calls that can
   * never be written are left out and returned.
   */
  write(calls: readonly QueuedCall[]): Promise<readonly RejectedCall[]>;
  requests(query: RecordQuery): Promise<RequestPage>;
  request(key: RecordKey): Promise<RequestRecord | undefined>;
  bodies(key: RecordKey): Promise<KeptBodies | undefined>;
  /** Processor time of the thread that the database has for itself, since it started, in milliseconds. */
  cpuMs(): Promise<number>;
  close(): Promise<void>;
}
