// The calls under way, so that a stopping gateway can end them all.

import type { GatewayError } from "./errors.ts";

export interface OpenCall {
  /** What the call began with. */
  readonly snapshot: { readonly version: number };
  abort(reason: GatewayError): void;
}

export interface OpenCalls {
  /** Gives what takes the call out again. One that joins when all are being ended is ended at once. */
  join(call: OpenCall): () => void;
  abortAll(reason: GatewayError): void;
  /** Those that have joined and not left, in any order. */
  all(): readonly OpenCall[];
  /** Whether one of them began before the snapshot of that version. */
  someBefore(version: number): boolean;
}

/**
 * An array with swapped places, and neither a Set nor listeners on one long-lived signal: those link what was
 * removed to what comes later, and V8 then keeps every call in memory until a full collection.
 */
export function createOpenCalls(): OpenCalls {
  const entries: { readonly call: OpenCall; place: number }[] = [];
  let endedBy: GatewayError | undefined;
  return {
    join(call) {
      const entry = { call, place: entries.length };
      entries.push(entry);
      if (endedBy !== undefined) call.abort(endedBy);
      return () => {
        if (entries[entry.place] !== entry) return;
        const last = entries.pop();
        if (last === undefined || last === entry) return;
        last.place = entry.place;
        entries[entry.place] = last;
      };
    },
    abortAll(reason) {
      endedBy = reason;
      // A copy: a call that ends takes itself out.
      for (const call of entries.map((entry) => entry.call)) call.abort(reason);
    },
    all: () => entries.map(({ call }) => call),
    someBefore: (version) => entries.some(({ call }) => call.snapshot.version < version),
  };
}
