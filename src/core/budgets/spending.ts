import type { GatewayError } from "../errors.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Target } from "../snapshot.ts";

export interface AttemptToPay<S extends OperationShape> {
  readonly target: Target;
  readonly request: S["request"];
  /** Whether the call goes on without it. */
  readonly optional: boolean;
}

/** What is asked before money is spent on a call. */
export interface Spending<S extends OperationShape> {
  /**
   * Before each attempt: what the first may cost is reserved already, for each further one it is reserved now.
   * Undefined: it may begin. An error: it may not, and why; the promise does not reject, and ends with the call.
   */
  beforeAttempt(attempt: AttemptToPay<S>): undefined | GatewayError | Promise<GatewayError | undefined>;
}
