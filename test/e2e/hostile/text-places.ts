// Every place of an operation's arguments where a text, or a number, may stand, from the schema's own input types.

import {
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isScalarType,
} from "graphql";
import { z } from "zod";
import type { RootField } from "../../api/graphql/sample-document.ts";
import type { Variables } from "../matrix/ask-graphql.ts";

/** Names, and 0 for a list's first element. */
export type Path = readonly (string | 0)[];

export interface Place {
  readonly path: Path;
  /** A scalar's name. `JSON`: any value may stand there, also names of members. */
  readonly holds: string;
}

export const placesOf = ({ field }: RootField): readonly Place[] =>
  field.args.flatMap(({ name, type }) => placesIn(type, [name]));

const texts: ReadonlySet<string> = new Set(["String", "ID", "JSON"]);

export const textPlacesOf = (root: RootField): readonly Place[] =>
  placesOf(root).filter(({ holds }) => texts.has(holds));

function placesIn(type: GraphQLInputType, path: Path): readonly Place[] {
  if (isNonNullType(type)) return placesIn(type.ofType, path);
  if (isListType(type)) return placesIn(type.ofType, [...path, 0]);
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).flatMap((field) => placesIn(field.type, [...path, field.name]));
  }
  return isScalarType(type) ? [{ path, holds: type.name }] : [];
}

const objectSchema = z.record(z.string(), z.unknown());

/** The same variables with that value in that place; what has to stand beside it is made. */
export function withValue(root: RootField, variables: Variables, { path }: Place, leaf: unknown): Variables {
  const [name = "", ...rest] = path;
  const type = root.field.args.find((arg) => arg.name === name)?.type;
  if (type === undefined) throw new Error(`${root.name} has no argument ${name}.`);
  return { ...variables, [name]: placed(type, rest, { given: variables[name], leaf }) };
}

export const withText = (root: RootField, variables: Variables, place: Place, text: string): Variables =>
  withValue(root, variables, place, place.holds === "JSON" ? { [text]: text } : text);

function placed(
  type: GraphQLInputType,
  [head, ...rest]: Path,
  { given, leaf }: { readonly given: unknown; readonly leaf: unknown },
): unknown {
  if (isNonNullType(type))
    return placed(type.ofType, head === undefined ? [] : [head, ...rest], { given, leaf });
  if (head === undefined) return leaf;
  if (isListType(type)) {
    const list: readonly unknown[] = Array.isArray(given) ? given : [];
    return [placed(type.ofType, rest, { given: list[0], leaf }), ...list.slice(1)];
  }
  if (!isInputObjectType(type) || head === 0) throw new Error(`There is no ${head} there.`);
  const known = { ...least(type), ...objectSchema.safeParse(given).data };
  const field = type.getFields()[head];
  if (field === undefined) throw new Error(`${type.name} has no ${head}.`);
  return { ...known, [head]: placed(field.type, rest, { given: known[head], leaf }) };
}

/** What has to be in it. */
function least(type: GraphQLInputType): Record<string, unknown> {
  if (!isInputObjectType(type)) return {};
  const needed = Object.values(type.getFields()).filter((field) => isNonNullType(field.type));
  return Object.fromEntries(needed.map(({ name, type: of }) => [name, sample(of)]));
}

const samples: Readonly<Record<string, unknown>> = {
  Int: 1,
  Float: 1,
  Boolean: true,
  Long: "1",
  Nanos: "1",
  JSON: {},
};

function sample(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return sample(type.ofType);
  if (isListType(type)) return [sample(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type)) return least(type);
  return samples[type.name] ?? "sample";
}
