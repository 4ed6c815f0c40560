// What an operation costs when it runs: every field by its price, as often as the lists around it say. What
// `@skip` and `@include` may leave out is counted.

import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  isCompositeType,
  isListType,
  isNonNullType,
  Kind,
  type SelectionSetNode,
} from "graphql";
import { type Asked, countedItems } from "./counted-items.ts";
import { dear, type FieldCost, fieldCosts, maxCost, usualItems } from "./field-costs.ts";

export interface CostedOperation extends Asked {
  readonly schema: GraphQLSchema;
  /** Valid: it has no fragment within itself, and no field that its type does not have. */
  readonly document: DocumentNode;
}

/** Ends as soon as the cost is too high, so that its own work is bounded. */
export function isTooDear(costed: CostedOperation): boolean {
  const { schema, operation } = costed;
  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) return false;
  return new CostReader(costed).add(root, [operation.selectionSet], 1) > maxCost;
}

/** The same answer of one type: a field that is written several times is resolved once. */
interface AnsweredField {
  readonly parent: GraphQLCompositeType;
  readonly nodes: [FieldNode, ...FieldNode[]];
}

class CostReader {
  readonly #costed: CostedOperation;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  #cost = 0;

  constructor(costed: CostedOperation) {
    this.#costed = costed;
    for (const definition of costed.document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        this.#fragments.set(definition.name.value, definition);
      }
    }
  }

  /** Adds what is selected of `parent`, `times` over. */
  add(parent: GraphQLCompositeType, sets: readonly SelectionSetNode[], times: number): number {
    const fields = new Map<string, AnsweredField>();
    const spread = new Set<string>();
    for (const set of sets) this.#collect(parent, set, { fields, spread });
    for (const field of fields.values()) {
      if (this.#cost > maxCost) break;
      this.#addField(field, times);
    }
    return this.#cost;
  }

  #collect(
    parent: GraphQLCompositeType,
    set: SelectionSetNode,
    into: { readonly fields: Map<string, AnsweredField>; readonly spread: Set<string> },
  ): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const key = `${parent.name}.${(selection.alias ?? selection.name).value}`;
        const known = into.fields.get(key);
        if (known === undefined) into.fields.set(key, { parent, nodes: [selection] });
        else known.nodes.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.#collect(this.#typeOf(selection, parent), selection.selectionSet, into);
      } else if (!into.spread.has(selection.name.value)) {
        into.spread.add(selection.name.value);
        const fragment = this.#fragments.get(selection.name.value);
        if (fragment !== undefined) {
          this.#collect(this.#typeOf(fragment, parent), fragment.selectionSet, into);
        }
      }
    }
  }

  #typeOf(
    { typeCondition }: Pick<FragmentDefinitionNode, "typeCondition"> | { readonly typeCondition?: undefined },
    parent: GraphQLCompositeType,
  ): GraphQLCompositeType {
    if (typeCondition === undefined) return parent;
    const type = this.#costed.schema.getType(typeCondition.name.value);
    return isCompositeType(type) ? type : parent;
  }

  #addField({ parent, nodes }: AnsweredField, times: number): void {
    const [node] = nodes;
    const field = this.#costed.schema.getField(parent, node.name.value);
    if (field === undefined) return;
    const cost = fieldCosts[`${parent.name}.${field.name}`] ?? {};
    this.#cost += times * (cost.weight ?? this.#usualWeight(parent, field));
    const type = getNamedType(field.type);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (sets.length > 0 && isCompositeType(type))
      this.add(type, sets, times * this.#items(cost, field, node));
  }

  #usualWeight(parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>): number {
    const { schema, operation } = this.#costed;
    const isRoot = parent === schema.getRootType(operation.operation);
    return isRoot && !field.name.startsWith("__") ? dear : 1;
  }

  #items({ items, itemsBy }: FieldCost, field: GraphQLField<unknown, unknown>, node: FieldNode): number {
    if (itemsBy === undefined) return items ?? (isList(field) ? usualItems : 1);
    const argument = node.arguments?.find(({ name }) => name.value === itemsBy.argument);
    return countedItems(argument?.value, itemsBy, this.#costed);
  }
}

function isList({ type }: GraphQLField<unknown, unknown>): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
