// What long variables would cost beyond their length is kept off the executor.

import {
  getVariableValues,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import { invalidRequest } from "../../core/errors.ts";
import type { OperationRequest } from "./operation-request.ts";

/** Up to that, the executor's errors are written in no time. */
const shortChars = 10_000;
/** More than the longest conversation has; each takes some µs to be read as its input type. */
const maxObjects = 100_000;

/**
 * The first fault of variables that are long. The executor writes the value at fault, whole, into each of up to
 * 50 errors: half a mebibyte of unknown members took seconds.
 * @throws GatewayError `invalid_request` for more objects than any request needs
 */
export function faultOfLongVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: OperationRequest["variables"],
): GraphQLError | undefined {
  if (variables === undefined || variables === null) return undefined;
  const { objects, chars } = sizeOf(variables);
  if (objects > maxObjects)
    throw invalidRequest("variables", `hold more than ${maxObjects} objects; send fewer`);
  if (chars <= shortChars) return undefined;
  return getVariableValues(schema, variableDefinitions, variables, { maxErrors: 1 }).errors?.[0];
}

// With a list of its own, as a nest may be too deep for the stack.
function sizeOf(variables: object): { readonly objects: number; readonly chars: number } {
  const open: object[] = [variables];
  let objects = 0;
  let chars = 0;
  for (let next = open.pop(); next !== undefined && objects <= maxObjects; next = open.pop()) {
    objects += 1;
    chars += 2;
    for (const [key, member] of Array.isArray(next) ? next.entries() : Object.entries(next)) {
      chars += typeof key === "string" ? key.length : 0;
      chars += typeof member === "string" ? member.length : 4;
      if (typeof member === "object" && member !== null) open.push(member);
    }
  }
  return { objects, chars };
}
