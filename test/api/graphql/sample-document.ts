// The least document that asks for a field by which operations begin, made from the schema itself.

import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type OperationTypeNode,
} from "graphql";
import { schema } from "../../../src/api/graphql/schema.ts";

export interface RootField {
  readonly operation: OperationTypeNode;
  /** As `Query.requests`. */
  readonly name: string;
  readonly field: GraphQLField<unknown, unknown>;
}

export const rootFields = (operations: readonly OperationTypeNode[]): readonly RootField[] =>
  operations.flatMap((operation) => {
    const type = schema.getRootType(operation);
    return Object.values(type?.getFields() ?? {}).map((field) => ({
      operation,
      name: `${type?.name}.${field.name}`,
      field,
    }));
  });

/** With an argument for each that has to be, and `__typename` of what it gives. */
export function sampleDocument({ operation, field }: RootField): string {
  const args = field.args
    .filter(({ type }) => isNonNullType(type))
    .map(({ name, type }) => `${name}: ${sampleValue(type)}`);
  const given = args.length === 0 ? "" : `(${args.join(", ")})`;
  return `${operation} { ${field.name}${given}${selection(field.type)} }`;
}

const selection = (type: GraphQLOutputType): string =>
  isCompositeType(getNamedType(type)) ? " { __typename }" : "";

const scalars: Readonly<Record<string, string>> = {
  Int: "1",
  Float: "1",
  Boolean: "true",
  Long: "1",
  Nanos: "1",
  JSON: "{}",
  DateTime: '"2030-01-01T00:00:00Z"',
};

function sampleValue(type: GraphQLInputType): string {
  if (isNonNullType(type)) return sampleValue(type.ofType);
  if (isListType(type)) return `[${sampleValue(type.ofType)}]`;
  if (isEnumType(type)) return type.getValues()[0]?.name ?? "";
  if (!isInputObjectType(type)) return scalars[type.name] ?? '"sample"';
  const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
  return `{ ${fields.map((field) => `${field.name}: ${sampleValue(field.type)}`).join(", ")} }`;
}
