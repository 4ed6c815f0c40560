// Whoever comes without a credential to a gateway that asks for one. A stranger may ask what is public, which is to
// log in and to go on with a session, and learns of nothing else whether it could be asked.

import { type DefinitionNode, type GraphQLSchema, Kind, OperationTypeNode, parse } from "graphql";
import type { Access } from "../../core/access/access.ts";
import type { Connection } from "../caller.ts";
import { scopeOf } from "./scopes.ts";

/** Of a body: a password or a token fits. */
export const maxStrangerBytes = 16 * 1024;
/** Of a document. */
export const maxStrangerTokens = 500;

/** Whether what is asked by the connection is a stranger's. What is meant as a credential makes none of them. */
export const isStranger = ({ keyless }: Access, { header }: Connection): boolean =>
  !keyless && header("authorization") === undefined && header("x-api-key") === undefined;

/** Takes everybody for a stranger: of no tenant, without any permission. */
export const strangersAccess: Access = {
  keyless: false,
  authenticate: ({ remoteAddress, correlationId }) =>
    Promise.resolve({
      tenantId: "",
      environment: "live",
      keyless: false,
      permissions: new Set(),
      origin: { address: remoteAddress, correlationId },
    }),
};

/**
 * Gives whether a document asks for public mutations alone, in the plainest form: without fragments. It may still be
 * invalid.
 */
export function createIsPublic(schema: GraphQLSchema): (query: string) => boolean {
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
  const open = new Set(mutations.filter((field) => scopeOf(field) === "public").map(({ name }) => name));

  const isOpen = (definition: DefinitionNode): boolean =>
    definition.kind === Kind.OPERATION_DEFINITION &&
    definition.operation === OperationTypeNode.MUTATION &&
    definition.selectionSet.selections.every(
      (selection) => selection.kind === Kind.FIELD && open.has(selection.name.value),
    );

  return (query) => {
    try {
      const { definitions } = parse(query, { noLocation: true, maxLexicalTokens: maxStrangerTokens });
      return definitions.every(isOpen);
    } catch {
      return false;
    }
  };
}
