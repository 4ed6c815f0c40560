// The logs of runs where other gateways can read them.

import type { OperationName } from "../operation-name.ts";

export interface RunHead {
  /** The id of the run's first call. */
  readonly id: string;
  readonly operation: OperationName;
  readonly tenantId: string;
  /** Who may resume it, as text. */
  readonly owner: string;
  readonly resumable: boolean;
}

/** Takes what a run gives, in order. Nothing waits, throws, or holds more than a bounded queue: beyond it the run is
 * no longer told, and is not there for others. */
export interface RunPublisher {
  /** An event as JSON text, without its sequence: they count from 0. */
  append(event: string): void;
  /** The last of it; an error as JSON text where it failed. */
  end(error: string | undefined): void;
}

export type SharedRunStep =
  | { readonly type: "event"; readonly sequence: number; readonly event: string }
  | { readonly type: "end"; readonly error: string | undefined }
  /** Its gateway is gone, or what comes next is no longer kept. */
  | { readonly type: "lost" };

export interface SharedRun {
  readonly head: RunHead;
  /** The next sequence that the run will give, as far as it is known. */
  readonly nextSequence: number;
  readonly ended: boolean;
  /** Steps after that sequence (-1: all), as they come. Leaving it frees what it holds. */
  steps(afterSequence: number, signal: AbortSignal): AsyncIterable<SharedRunStep>;
}

export interface SharedRuns {
  publish(head: RunHead): RunPublisher;
  /** Undefined: it is not there, or cannot be asked for in time. Never rejects. */
  find(id: string): Promise<SharedRun | undefined>;
  problems(): readonly string[];
  close(): Promise<void>;
}
