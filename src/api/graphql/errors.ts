// Errors as GraphQL tells them: `extensions` hold the code and what else a caller may know.

import { type ExecutionResult, GraphQLError } from "graphql";
import { errorTable, GatewayError, toGatewayError } from "../../core/errors.ts";
import type { ReplyMeta } from "../../core/reply.ts";

interface ShownAs {
  /** GraphQL's own error that says where in the document it happened. */
  readonly located?: GraphQLError | undefined;
  /** Instead of the code's own, for what HTTP has a status of its own. */
  readonly status?: number | undefined;
}

/** An error that is fit for callers' eyes. */
export class ShownError extends GraphQLError {
  readonly status: number;
  readonly replyMeta: ReplyMeta | undefined;

  constructor(known: GatewayError, { located, status = errorTable[known.code].http }: ShownAs = {}) {
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
  }
}

/**
 * Any error as callers may see it. What GraphQL itself says of a document or its variables keeps its words,
 * as `invalid_request`; what nobody foresaw becomes `internal`, with nothing of its own text.
 */
export function toShownError(error: unknown): ShownError {
  if (error instanceof ShownError) return error;
  if (!(error instanceof GraphQLError)) return new ShownError(knownError(error));
  const origin = originOf(error);
  if (origin instanceof ShownError) return origin;
  return new ShownError(isOfTheCaller(error, origin) ? inWordsOf(error) : knownError(origin), {
    located: error,
  });
}

/** A result whose errors are all fit for callers' eyes. */
export const toShownResult = (result: ExecutionResult): ExecutionResult =>
  result.errors === undefined ? result : { ...result, errors: result.errors.map(toShownError) };

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

/** JSON has no integers as large as a cost may be. */
const metaAsJson = ({ costNanos, ...meta }: ReplyMeta): object => ({
  ...meta,
  costNanos: costNanos?.toString() ?? costNanos,
});
