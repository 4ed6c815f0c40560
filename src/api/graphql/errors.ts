// Errors as GraphQL tells them: `extensions` hold the code and what else a caller may know.

import { type ExecutionResult, GraphQLError } from "graphql";
import { errorTable, GatewayError, type ReportFault, toGatewayError } from "../../core/errors.ts";
import type { ReplyLimits } from "../../core/limits/reply-limits.ts";
import type { ReplyMeta } from "../../core/reply.ts";

interface ShownAs {
  /** GraphQL's own error that says where in the document it happened. */
  readonly located?: GraphQLError | undefined;
  /** Instead of the code's own, for what HTTP has a status of its own. */
  readonly status?: number | undefined;
  /** What nobody foresaw: for the log, never for callers. */
  readonly fault?: unknown;
}

/** An error that is fit for callers' eyes. */
export class ShownError extends GraphQLError {
  readonly status: number;
  readonly replyMeta: ReplyMeta | undefined;
  readonly limits: ReplyLimits | undefined;
  readonly retryAfterMs: number | undefined;
  #fault: unknown;

  constructor(known: GatewayError, { located, status = errorTable[known.code].http, fault }: ShownAs = {}) {
    super(known.message, {
      nodes: located?.nodes,
      source: located?.source,
      positions: located?.positions,
      path: located?.path,
      extensions: {
        code: known.code,
        http: { status },
        field: known.field,
        requestId: known.meta?.requestId,
        retryAfterMs: known.retryAfterMs,
        attempts: known.attempts.length === 0 ? undefined : known.attempts,
        meta: known.meta === undefined ? undefined : metaAsJson(known.meta),
      },
    });
    this.status = status;
    this.replyMeta = known.meta;
    this.limits = known.limits;
    this.retryAfterMs = known.retryAfterMs;
    this.#fault = fault;
  }

  /** What is behind it, where nobody foresaw that: given once, so that the log hears of it once. */
  takeFault(): unknown {
    const fault = this.#fault;
    this.#fault = undefined;
    return fault;
  }
}

/** Tells the log of the faults behind the errors that callers are shown. */
export function reportFaults(errors: ExecutionResult["errors"], reportFault: ReportFault | undefined): void {
  if (errors === undefined || reportFault === undefined) return;
  for (const error of errors) {
    const fault = error instanceof ShownError ? error.takeFault() : undefined;
    if (fault !== undefined) reportFault(fault, {});
  }
}

/**
 * Any error as callers may see it. What GraphQL itself says of a document or its variables keeps its words,
 * as `invalid_request`; what nobody foresaw becomes `internal`, with nothing of its own text.
 */
export function toShownError(error: unknown): ShownError {
  if (error instanceof ShownError) return error;
  if (!(error instanceof GraphQLError)) return shownFor(error);
  const origin = originOf(error);
  if (origin instanceof ShownError) return origin;
  return isOfTheCaller(error, origin)
    ? new ShownError(inWordsOf(error), { located: error })
    : shownFor(origin, error);
}

/** A result whose errors are all fit for callers' eyes. */
export const toShownResult = (result: ExecutionResult): ExecutionResult =>
  result.errors === undefined ? result : { ...result, errors: result.errors.map(toShownError) };

function shownFor(origin: unknown, located?: GraphQLError): ShownError {
  const known = knownError(origin);
  const isFault = known !== origin && known.code === "internal";
  return new ShownError(known, { located, fault: isFault ? origin : undefined });
}

function knownError(error: unknown): GatewayError {
  // Documents and variables are read recursively: a nest that is too deep for that ends here.
  if (error instanceof RangeError && error.message.includes("call stack")) {
    return new GatewayError({
      code: "invalid_request",
      field: "body",
      message: "body: is nested too deep. Send a flatter document and flatter variables.",
      cause: error,
    });
  }
  return toGatewayError(error);
}

function originOf(error: GraphQLError): unknown {
  let origin: unknown = error;
  while (origin instanceof GraphQLError && !(origin instanceof ShownError)) {
    if (origin.originalError === undefined) break;
    origin = origin.originalError;
  }
  return origin;
}

/**
 * GraphQL's own errors come from reading the document and its variables, before there is a path, or from
 * reading an argument, which they point at. Those of writing a result point at nothing, and are ours.
 */
const isOfTheCaller = (error: GraphQLError, origin: unknown): boolean =>
  origin instanceof GraphQLError && (error.path === undefined || (origin.nodes?.length ?? 0) > 0);

/** GraphQL quotes the value at fault at the end, however long it is. */
const maxMessageChars = 500;

const inWordsOf = ({ message }: GraphQLError) =>
  new GatewayError({
    code: "invalid_request",
    message: message.length > maxMessageChars ? `${message.slice(0, maxMessageChars)}…` : message,
  });

/** JSON has no integers as large as a cost may be; limits are told in headers. */
const metaAsJson = ({ costNanos, limits: _, ...meta }: ReplyMeta): object => ({
  ...meta,
  costNanos: costNanos?.toString() ?? costNanos,
});
