/** What can be made to go wrong, and the book that says whether it goes wrong for the request at hand. */

export type FaultBody = "vendor" | "html" | "empty" | "truncated" | "wrong_type";

/**
 * One way to fail.
 * `afterEvents` counts SSE events of every type from the stream's start; a fault that would come later than the
 * event which closes the answer comes just before that one. A JSON answer has no events: there `cut` and `hang`
 * send half of the body, `quiet_end` sends an empty one, `malformed_line` one that is no JSON, and `error_event`
 * is an HTTP 500.
 */
export type DemoFault = {
  /** How many requests it strikes; all following ones when absent. */
  readonly times?: number | undefined;
} & (
  | {
      readonly kind: "status";
      readonly status: number;
      readonly retryAfterSeconds?: number | undefined;
      /** Default `vendor`: the vendor's error JSON. */
      readonly body?: FaultBody | undefined;
    }
  | { readonly kind: "reset"; readonly at: "before_headers" | "after_headers" }
  | {
      readonly kind: "hang";
      readonly at: "before_headers" | "after_headers" | { readonly afterEvents: number };
    }
  | { readonly kind: "cut"; readonly afterEvents: number }
  | { readonly kind: "quiet_end" }
  | { readonly kind: "malformed_line"; readonly afterEvents: number }
  | { readonly kind: "error_event"; readonly afterEvents: number }
);

export interface FaultBook {
  set(fault: DemoFault | undefined): void;
  /** The fault set for all requests, while its `times` last; each call is one request. */
  next(): DemoFault | undefined;
  /**
   * The same for a fault asked for inside a prompt, where `times` counts requests with the same `key`.
   * After the request that it lets through the count starts anew, so that a trial can be repeated.
   */
  nextFor(key: string, fault: DemoFault | undefined): DemoFault | undefined;
}

const maxKeys = 256;

export function createFaultBook(): FaultBook {
  let current: DemoFault | undefined;
  let left = Infinity;
  const struckByKey = new Map<string, number>();
  return {
    set(fault) {
      current = fault;
      left = fault?.times ?? Infinity;
    },
    next() {
      if (current === undefined || left <= 0) return undefined;
      left -= 1;
      return current;
    },
    nextFor(key, fault) {
      if (fault?.times === undefined) return fault;
      const struck = struckByKey.get(key) ?? 0;
      struckByKey.delete(key);
      if (struck >= fault.times) return undefined;
      struckByKey.set(key, struck + 1);
      const oldest = struckByKey.keys().next();
      if (struckByKey.size > maxKeys && !oldest.done) struckByKey.delete(oldest.value);
      return fault;
    },
  };
}
