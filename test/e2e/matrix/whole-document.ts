// The document that asks for all that somebody may see below a field by which operations begin, made from the schema.

import {
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isNonNullType,
} from "graphql";
import { schema } from "../../../src/api/graphql/schema.ts";
import { scopeOf } from "../../../src/api/graphql/scopes.ts";
import type { PermissionSet } from "../../../src/core/access/permissions.ts";
import type { RootField } from "../../api/graphql/sample-document.ts";

/** Enough for the tenant of the user of a key in a page. */
const maxDepth = 5;

interface Wish {
  /** Given as variables. */
  readonly args: readonly string[];
  /** What is below and needs more is left out. */
  readonly permissions: PermissionSet;
}

export function wholeDocument({ operation, field }: RootField, { args, permissions }: Wish): string {
  const given = field.args.filter(({ name }) => args.includes(name));
  const unknown = args.filter((name) => !given.some((arg) => arg.name === name));
  if (unknown.length > 0) throw new Error(`${field.name} has no argument ${unknown.join(", ")}.`);
  const variables = given.map(({ name, type }) => `$${name}: ${String(type)}`).join(", ");
  const used = given.map(({ name }) => `${name}: $${name}`).join(", ");
  const [declared, passed] = given.length === 0 ? ["", ""] : [`(${variables})`, `(${used})`];
  const below = createSelection(permissions)(field.type, maxDepth);
  return `${operation} ${declared} { ${field.name}${passed}${below} }`;
}

function createSelection(permissions: PermissionSet) {
  /** A tenant of a tenant's user says no more than the tenant. */
  function isWished(field: GraphQLField<unknown, unknown>, depth: number): boolean {
    const scope = scopeOf(field);
    const isSeen = scope === undefined || [...permissions, "public"].includes(scope);
    const isPlain = !field.args.some((arg) => isNonNullType(arg.type));
    return isSeen && isPlain && (depth > 1 || !isCompositeType(getNamedType(field.type)));
  }

  const fieldsOf = (type: GraphQLObjectType, depth: number, aliased: ReadonlySet<string>): string =>
    Object.values(type.getFields())
      .filter((field) => isWished(field, depth))
      .map(({ name, type: of }) => {
        const alias = aliased.has(name) ? `${type.name}_${name}: ` : "";
        return `${alias}${name}${selection(of, depth - 1)}`;
      })
      .join(" ");

  function selection(type: GraphQLOutputType, depth: number): string {
    const named = getNamedType(type);
    if (!isCompositeType(named)) return "";
    if (!isAbstractType(named)) return ` { __typename ${fieldsOf(named, depth, new Set())} }`;
    const aliased = ofSeveralTypes(named);
    const parts = schema
      .getPossibleTypes(named)
      .map((each) => `... on ${each.name} { ${fieldsOf(each, depth, aliased)} }`);
    return ` { __typename ${parts.join(" ")} }`;
  }
  return selection;
}

/** Fields of one name that could not stand in one answer. */
function ofSeveralTypes(type: GraphQLAbstractType): ReadonlySet<string> {
  const types = new Map<string, string>();
  const several = new Set<string>();
  for (const { name, type: of } of schema
    .getPossibleTypes(type)
    .flatMap((each) => Object.values(each.getFields()))) {
    const known = types.get(name) ?? String(of);
    if (known !== String(of)) several.add(name);
    types.set(name, known);
  }
  return several;
}
