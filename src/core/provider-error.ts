// How an upstream fails, and what the gateway does about each way.

/**
 * Each class of failure with its action: `stop` gives it to the caller, `next` goes on to the next target,
 * `retry` may try the same target again if that is soon, else goes on.
 */
export const failureActions = {
  /** 400, 413, 422: the request itself is at fault; another provider would refuse it too. */
  caller_fault: "stop",
  /** The vendor refused the content. */
  content_refused: "stop",
  /** The target does not know the model, or its context is too small. */
  model_unavailable: "next",
  /** 401, 402, 403: our credential or account is at fault. */
  authentication: "next",
  rate_limited: "next",
  /** 5xx, a refused or broken connection. */
  unavailable: "retry",
  overloaded: "retry",
  timeout: "retry",
  /** An answer that is not of the vendor's format, or ends before its end. */
  broken_reply: "retry",
} as const satisfies Record<string, "stop" | "next" | "retry">;

export type FailureClass = keyof typeof failureActions;

export interface ProviderErrorOptions {
  readonly failure: FailureClass;
  /** For callers and operators: what happened, in the vendor's words where it has some. No secrets. */
  readonly message: string;
  /** Whether no word of the message is the vendor's, who may quote what was asked: it is kept on record anyway. */
  readonly ownWords?: boolean | undefined;
  readonly httpStatus?: number | undefined;
  readonly upstreamRequestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /**
   * Whether all of the provider's targets fail this way: a refused connection, a host name or certificate that is
   * wrong. Failures of the class `authentication` always do.
   */
  readonly wholeProvider?: boolean | undefined;
  readonly cause?: unknown;
}

/** What adapters throw. Callers see a GatewayError that is made from it. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly failure: FailureClass;
  readonly ownWords: boolean;
  readonly httpStatus: number | undefined;
  readonly upstreamRequestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly wholeProvider: boolean;

  constructor(options: ProviderErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.failure = options.failure;
    this.ownWords = options.ownWords ?? false;
    this.httpStatus = options.httpStatus;
    this.upstreamRequestId = options.upstreamRequestId;
    this.retryAfterMs = options.retryAfterMs;
    this.wholeProvider = options.wholeProvider ?? options.failure === "authentication";
  }
}
