// The calls under way, so that a stopping gateway can end them all, and those of a caller who may not call any more
// end too.

import type { Principal } from "./access/principal.ts";
import type { GatewayError } from "./errors.ts";

/** Undefined: it may go on. */
export type EndOf = (principal: Principal) => GatewayError | undefined;

const goesOn: EndOf = () => undefined;

export interface OpenCall {
  /** What the call began with. */
  readonly snapshot: { readonly version: number };
  readonly principal: Principal;
  abort(reason: GatewayError): void;
}

export interface OpenCalls {
  /** Gives what takes the call out again. One that joins when all are being ended is ended at once. */
  join(call: OpenCall): () => void;
  abortAll(reason: GatewayError): void;
  /**
   * Ends those to whose principal it gives an end, and from now on also those that join with such a one: who was let
   * in a moment before may still be sending what is asked. Replaces what was given before.
   */
  endWhere(endOf: EndOf): void;
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
  let endOf: EndOf = goesOn;
  return {
    join(call) {
      const entry = { call, place: entries.length };
      entries.push(entry);
      const end = endedBy ?? endOf(call.principal);
      if (end !== undefined) call.abort(end);
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
    endWhere(next) {
      endOf = next;
      for (const call of entries.map((entry) => entry.call)) {
        const end = next(call.principal);
        if (end !== undefined) call.abort(end);
      }
    },
    all: () => entries.map(({ call }) => call),
    someBefore: (version) => entries.some(({ call }) => call.snapshot.version < version),
  };
}
