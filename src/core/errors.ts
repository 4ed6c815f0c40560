// The one error that callers see, and the one table that says what each code is on the wire.

import type { ReplyLimits } from "./limits/reply-limits.ts";
import type { ReplyMeta } from "./reply.ts";

/**
 * Every code with its HTTP status (OpenAI face and GraphQL) and its gRPC status (gRPC, Connect, gRPC-Web).
 * A code is never renamed or used again with another meaning: callers branch on it.
 */
export const errorTable = {
  invalid_request: { http: 400, grpc: "INVALID_ARGUMENT" },
  content_blocked: { http: 400, grpc: "FAILED_PRECONDITION" },
  unauthenticated: { http: 401, grpc: "UNAUTHENTICATED" },
  budget_exceeded: { http: 402, grpc: "RESOURCE_EXHAUSTED" },
  permission_denied: { http: 403, grpc: "PERMISSION_DENIED" },
  not_found: { http: 404, grpc: "NOT_FOUND" },
  conflict: { http: 409, grpc: "ABORTED" },
  payload_too_large: { http: 413, grpc: "RESOURCE_EXHAUSTED" },
  idempotency_mismatch: { http: 422, grpc: "FAILED_PRECONDITION" },
  rate_limited: { http: 429, grpc: "RESOURCE_EXHAUSTED" },
  cancelled: { http: 499, grpc: "CANCELLED" },
  internal: { http: 500, grpc: "INTERNAL" },
  all_providers_failed: { http: 502, grpc: "UNAVAILABLE" },
  overloaded: { http: 503, grpc: "UNAVAILABLE" },
  unavailable: { http: 503, grpc: "UNAVAILABLE" },
  deadline_exceeded: { http: 504, grpc: "DEADLINE_EXCEEDED" },
} as const satisfies Record<string, { http: number; grpc: string }>;

export type ErrorCode = keyof typeof errorTable;
export type GrpcStatusName = (typeof errorTable)[ErrorCode]["grpc"];

/** One attempt as told to a caller whose call failed: no credential, no address of an upstream. */
export interface FailedAttempt {
  readonly provider: string;
  readonly model: string;
  readonly failure: string;
  readonly message: string;
  readonly httpStatus?: number | undefined;
}

export interface FieldFault {
  /** In the core's words, as `limits.requestsPerMinute`. */
  readonly field: string;
  /** What is wrong with it and what is allowed. */
  readonly message: string;
}

export interface GatewayErrorOptions {
  readonly code: ErrorCode;
  /** What went wrong and what to do next, for the caller's eyes. */
  readonly message: string;
  /** The field at fault in the core's words, as `messages[0].parts[1].text`. */
  readonly field?: string | undefined;
  /** Every field at fault, where an input has several. */
  readonly fields?: readonly FieldFault[] | undefined;
  readonly retryAfterMs?: number | undefined;
  /** What each provider answered, when all of them failed. */
  readonly attempts?: readonly FailedAttempt[] | undefined;
  readonly meta?: ReplyMeta | undefined;
  /** What is left of the caller's limits; absent: what `meta` tells. */
  readonly limits?: ReplyLimits | undefined;
  /** For our log only; it never leaves. */
  readonly cause?: unknown;
}

export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly fields: readonly FieldFault[];
  readonly retryAfterMs: number | undefined;
  readonly attempts: readonly FailedAttempt[];
  readonly meta: ReplyMeta | undefined;
  readonly limits: ReplyLimits | undefined;

  constructor(options: GatewayErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.field = options.field;
    this.fields = options.fields ?? [];
    this.retryAfterMs = options.retryAfterMs;
    this.attempts = options.attempts ?? [];
    this.meta = options.meta;
    this.limits = options.limits ?? options.meta?.limits;
  }

  /** The same error with what is known of the call by now. */
  withMeta(meta: ReplyMeta): GatewayError {
    return this.#telling(meta, meta.limits ?? this.limits);
  }

  /** The same error as another caller hears it: nothing in it is the first one's own. */
  heardBy({ correlationId, limits }: Pick<ReplyMeta, "correlationId" | "limits">): GatewayError {
    return this.#telling(this.meta && { ...this.meta, correlationId, limits }, limits);
  }

  #telling(meta: ReplyMeta | undefined, limits: ReplyLimits | undefined): GatewayError {
    const { code, message, field, fields, retryAfterMs, attempts, cause } = this;
    return new GatewayError({
      code,
      message,
      field,
      fields,
      retryAfterMs,
      attempts,
      meta,
      limits,
      cause,
    });
  }
}

/** Hears of errors that nobody foresaw, for the log: a caller sees only `internal`. */
export type ReportFault = (error: unknown, context: { readonly requestId?: string | undefined }) => void;

/** The only door from foreign errors: what we did not foresee becomes `internal`, its text stays with us. */
export function toGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError({
    code: "internal",
    message: "The gateway failed on this call. Try again; if it happens again, report the request id.",
    cause: error,
  });
}

/** @returns one error that tells all of them */
export function invalidFields(fields: readonly FieldFault[]): GatewayError {
  const message = fields.map(({ field, message }) => `${field}: ${message}`).join("; ");
  return new GatewayError({ code: "invalid_request", field: fields[0]?.field, fields, message });
}

export const invalidRequest = (field: string, message: string): GatewayError =>
  new GatewayError({ code: "invalid_request", field, message: `${field}: ${message}` });
