// How many objects a field gives, by what it is asked with: a number as `first`, or the length of a list that goes in.

import { Kind, type OperationDefinitionNode, type ValueNode } from "graphql";
import type { ItemsBy } from "./field-costs.ts";

export type Variables = Readonly<Record<string, unknown>>;

export interface Asked {
  readonly operation: OperationDefinitionNode;
  /** Undefined: those that cost most. */
  readonly variables: Variables | undefined;
}

/** 1 to the most that the field allows. `value`: the argument as written; undefined: it is left out. */
export function countedItems(value: ValueNode | undefined, by: ItemsBy, asked: Asked): number {
  const count = value === undefined ? by.absent : countOfNode(value, { by, asked, within: by.list });
  return Math.min(Math.max(count, 1), by.most);
}

interface Counting {
  readonly by: ItemsBy;
  readonly asked: Asked;
  /** The field of the value that is meant; absent: the value itself. */
  readonly within: string | undefined;
}

function countOfNode(value: ValueNode, counting: Counting): number {
  const { by, within } = counting;
  if (value.kind === Kind.VARIABLE) return countOfVariable(value.name.value, counting);
  if (value.kind === Kind.NULL) return by.absent;
  if (within !== undefined) {
    const fields = value.kind === Kind.OBJECT ? value.fields : [];
    const field = fields.find(({ name }) => name.value === within);
    return field === undefined ? by.absent : countOfNode(field.value, { ...counting, within: undefined });
  }
  // What stands in the place of a list is a list of one.
  if (by.list !== undefined) return value.kind === Kind.LIST ? value.values.length : 1;
  return value.kind === Kind.INT ? Number(value.value) : by.absent;
}

function countOfVariable(name: string, counting: Counting): number {
  const { by, asked } = counting;
  const { variables, operation } = asked;
  if (variables === undefined) return by.most;
  if (Object.hasOwn(variables, name) && variables[name] !== undefined) {
    return countOfGiven(variables[name], by, counting.within);
  }
  const definition = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
  return definition?.defaultValue === undefined ? by.absent : countOfNode(definition.defaultValue, counting);
}

function countOfGiven(given: unknown, by: ItemsBy, within: string | undefined): number {
  if (given === null || given === undefined) return by.absent;
  if (within !== undefined) {
    return countOfGiven(new Map<string, unknown>(Object.entries(given)).get(within), by, undefined);
  }
  if (by.list !== undefined) return Array.isArray(given) ? given.length : 1;
  return typeof given === "number" ? given : by.most;
}
