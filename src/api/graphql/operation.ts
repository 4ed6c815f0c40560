// One GraphQL operation, whatever transport it came by: read, checked, run.

import {
  type DocumentNode,
  getOperationAST,
  type GraphQLError,
  type GraphQLSchema,
  parse as parseDocument,
  validate as validateDocument,
} from "graphql";
import { createYoga } from "graphql-yoga";
import { invalidRequest } from "../../core/errors.ts";
import type { GraphqlContext } from "./builder.ts";
import { createDocumentCache } from "./document-cache.ts";
import { toShownError } from "./errors.ts";
import { hiddenValues } from "./hidden-values.ts";
import { createOperationLimits } from "./limits/operation-limits.ts";
import { faultOfLongVariables } from "./long-variables.ts";
import { maxTokens, type OperationRequest } from "./operation-request.ts";
import { isStream, type Results, toShown } from "./shown-results.ts";
import { schema } from "./schema.ts";

export interface Operation {
  readonly kind: "query" | "mutation" | "subscription";
  readonly document: DocumentNode;
  /** Results, or one result where there is but one; never rejects. */
  run(): Promise<Results>;
}

export type PrepareOperation = (
  request: OperationRequest,
  context: GraphqlContext,
) => Operation | { readonly errors: readonly GraphQLError[] };

/** What strangers send is not kept, and no name is suggested to them; all that they may give are texts. */
const forStrangers = {
  parse: parseDocument,
  validate: (schema: GraphQLSchema, document: DocumentNode) =>
    validateDocument(schema, document, undefined, { hideSuggestions: true }),
};

/**
 * Operations run in yoga's envelope, where plugins that limit or watch them have their place. Its HTTP part
 * is not used: bodies are read, and streams written, as in the other front ends.
 */
export function createPrepareOperation(): PrepareOperation {
  const documents = createDocumentCache();
  const limits = createOperationLimits(schema);
  const { getEnveloped } = createYoga({
    schema,
    logging: false,
    // Results are masked below, what an iterator throws and what parsing and validation find included.
    maskedErrors: false,
    parserAndValidationCache: {
      documentCache: documents,
      errorCache: { get: () => undefined, set: () => {} },
    },
  });

  return (request, context) => {
    const { query, operationName, variables } = request;
    const hidden = hiddenValues(request);
    const shown = (error: unknown) => toShownError(hidden.inError(error));
    try {
      const { execute, subscribe, contextFactory, ...enveloped } = getEnveloped(context);
      const { parse, validate } = context.isStranger ? forStrangers : enveloped;
      const document: DocumentNode = parse(query, { maxLexicalTokens: maxTokens });
      limits.checkDocument(document);
      const faults: readonly GraphQLError[] = validate(schema, document);
      if (faults.length > 0) return { errors: faults.map(shown) };
      const asked = getOperationAST(document, operationName);
      if (asked === null || asked === undefined) {
        throw invalidRequest("operationName", "must name one operation");
      }
      limits.checkCost(document, asked, variables);
      const fault = faultOfLongVariables(schema, asked, variables);
      if (fault !== undefined) return { errors: [shown(fault)] };
      const { operation: kind } = asked;
      return {
        kind,
        document,
        async run() {
          try {
            const contextValue = await contextFactory();
            const args = { schema, document, contextValue, operationName, variableValues: variables };
            const results: Results = await (kind === "subscription" ? subscribe(args) : execute(args));
            return toShown(isStream(results) ? results : hidden.inResult(results));
          } catch (error) {
            return { errors: [shown(error)] };
          }
        },
      };
    } catch (error) {
      return { errors: [shown(error)] };
    }
  };
}
