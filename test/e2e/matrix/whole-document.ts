// The document that asks for all there is below a field by which operations begin, made from the schema itself.

import {
  type GraphQLField,
  type GraphQLOutputType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isNonNullType,
  isObjectType,
} from "graphql";
import { schema } from "../../../src/api/graphql/schema.ts";
import type { RootField } from "../../api/graphql/sample-document.ts";

/** Enough for the tenant of the user of a key in a page. */
const maxDepth = 5;

/** With a variable for each of the arguments. */
export function wholeDocument({ operation, field }: RootField, given: readonly string[]): string {
  const args = field.args.filter(({ name }) => given.includes(name));
  const unknown = given.filter((name) => !args.some((arg) => arg.name === name));
  if (unknown.length > 0) throw new Error(`${field.name} has no argument ${unknown.join(", ")}.`);
  const variables = args.map(({ name, type }) => `$${name}: ${type}`).join(", ");
  const used = args.map(({ name }) => `${name}: $${name}`).join(", ");
  const [declared, passed] = args.length === 0 ? ["", ""] : [`(${variables})`, `(${used})`];
  return `${operation} ${declared} { ${field.name}${passed}${selection(field.type, maxDepth)} }`;
}

function selection(type: GraphQLOutputType, depth: number): string {
  const named = getNamedType(type);
  if (!isCompositeType(named)) return "";
  if (isAbstractType(named)) {
    const parts = schema
      .getPossibleTypes(named)
      // Fields of one name may be of different types.
      .map((each) => `... on ${each.name} { ${fields(each, depth, `${each.name}_`)} }`);
    return ` { __typename ${parts.join(" ")} }`;
  }
  return ` { __typename ${fields(named, depth, undefined)} }`;
}

function fields(type: ReturnType<typeof getNamedType>, depth: number, alias: string | undefined): string {
  if (!isObjectType(type)) return "";
  return Object.values(type.getFields())
    .filter((field) => isShown(field, depth))
    .map(
      ({ name, type: of }) =>
        `${alias === undefined ? "" : `${alias}${name}: `}${name}${selection(of, depth - 1)}`,
    )
    .join(" ");
}

/** A tenant of a tenant's user says no more than the tenant. */
const isShown = ({ type, args }: GraphQLField<unknown, unknown>, depth: number): boolean =>
  !args.some((arg) => isNonNullType(arg.type)) && (depth > 1 || !isCompositeType(getNamedType(type)));
