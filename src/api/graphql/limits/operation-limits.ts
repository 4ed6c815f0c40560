// The limits of operations, and which documents are known to be within them.

import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import { invalidRequest } from "../../../core/errors.ts";
import { checkShape } from "./document-shape.ts";
import { maxCost } from "./field-costs.ts";
import type { Variables } from "./counted-items.ts";
import { isTooDear } from "./operation-cost.ts";

export interface OperationLimits {
  /**
   * Of a document that is not validated yet.
   * @throws GatewayError `invalid_request`
   */
  checkDocument(document: DocumentNode): void;
  /**
   * Of a valid document's operation with these variables.
   * @throws GatewayError `invalid_request`
   */
  checkCost(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Variables | null | undefined,
  ): void;
}

/** A document that comes again is looked up; only one whose cost depends on its variables is read again. */
export function createOperationLimits(schema: GraphQLSchema): OperationLimits {
  const checked = new WeakSet<DocumentNode>();
  const neverTooDear = new WeakSet<OperationDefinitionNode>();
  return {
    checkDocument(document) {
      if (checked.has(document)) return;
      checkShape(document);
      checked.add(document);
    },
    checkCost(document, operation, variables) {
      if (neverTooDear.has(operation)) return;
      const costed = { schema, document, operation };
      if (!isTooDear({ ...costed, variables: undefined })) neverTooDear.add(operation);
      else if (isTooDear({ ...costed, variables: variables ?? {} })) throw tooDear();
    },
  };
}

const tooDear = () =>
  invalidRequest(
    "query",
    `costs more than ${maxCost}, the most of one operation: a field counts as often as the lists around it are ` +
      "long. Ask for fewer records with `first`, leave out bodies, or ask in several operations; at most four " +
      "calls, lists of models or reports go into one.",
  );
