import type { GatewayError } from "../errors.ts";
import type { OperationShape } from "../operation-shape.ts";
import type { Target } from "../snapshot.ts";

export interface AttemptToPay<S extends OperationShape> {
  readonly target: Target;
  readonly request: S["request"];
  /** Whether the call goes on without it. */
  readonly optional: boolean;
}

/** Of the call's question. */
export interface EmbeddingToPay {
  readonly target: Target;
  readonly inputTokens: number;
}

/** Undefined: it may begin. An error: it may not, and why; the promise does not reject, and ends with the call. */
type Allowed = undefined | GatewayError | Promise<GatewayError | undefined>;

/** What is asked before money is spent on a call. */
export interface Spending<S extends OperationShape> {
  /** Before the first attempt, at whichever of the targets. */
  reserveFor(targets: readonly Target[]): Allowed;
  /** Before each attempt: what the first may cost is reserved already, for each further one it is reserved now. */
  beforeAttempt(attempt: AttemptToPay<S>): Allowed;
  /** The call goes on without it. */
  beforeEmbedding(embedding: EmbeddingToPay): Allowed;
}
