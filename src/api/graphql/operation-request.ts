// The body of a POST: GraphQL's three parameters as JSON, and nothing else.

import { GatewayError, invalidRequest } from "../../core/errors.ts";

export interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** A document of more is refused; long conversations belong into variables. */
export const maxTokens = 10_000;

const known = new Set(["query", "operationName", "variables", "extensions"]);

/** @throws GatewayError `invalid_request` */
export function parseOperationRequest(body: string): OperationRequest {
  const json = parseJson(body);
  if (Array.isArray(json)) {
    throw invalidRequest("body", "holds a list; send one operation a request, batches are not served");
  }
  if (!isObject(json)) throw invalidRequest("body", 'must be a JSON object such as {"query": "…"}');
  const unknown = Object.keys(json).find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw invalidRequest(unknown.slice(0, 100), `is unknown; the body holds ${[...known].join(", ")}`);
  }
  const { query, operationName, variables, extensions } = json;
  if (typeof query !== "string" || query === "") throw invalidRequest("query", "must be a GraphQL document");
  if (!isAbsent(operationName) && typeof operationName !== "string") {
    throw invalidRequest("operationName", "must be a string");
  }
  if (!isAbsent(variables) && !isObject(variables))
    throw invalidRequest("variables", "must be a JSON object");
  if (!isAbsent(extensions) && !isObject(extensions)) {
    throw invalidRequest("extensions", "must be a JSON object");
  }
  return { query, operationName, variables };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new GatewayError({
      code: "invalid_request",
      field: "body",
      message: 'body: is not valid JSON. Send an object such as {"query": "…", "variables": {…}}.',
      cause,
    });
  }
}

const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
