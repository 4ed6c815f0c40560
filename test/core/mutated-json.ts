// JSON with a fault somewhere in it.

import fc from "fast-check";
import { isJsonObject } from "../../src/core/json.ts";
import type { JsonValue } from "../../src/core/json.ts";
import { anyJson } from "./any-reply.ts";

const names = ["type", "kind", "index", "text", "meta", "usage", "json", "data", "__proto__", "toString"];

/** What a fault may have left in place of a value. */
const anyFault = fc.oneof(
  anyJson,
  fc.constantFrom<JsonValue>(-1, 0.5, 2 ** 60, "", "constructor", "__proto__", [], {}, null),
);

interface Mutation {
  /** Into which member to go, at each depth. */
  readonly path: readonly number[];
  readonly does: "replace" | "remove" | "add";
  readonly name: string;
  readonly fault: JsonValue;
}

const anyMutation: fc.Arbitrary<Mutation> = fc.record({
  path: fc.array(fc.nat(), { maxLength: 5 }),
  does: fc.constantFrom("replace", "remove", "add"),
  name: fc.constantFrom(...names),
  fault: anyFault,
});

export const mutated = (json: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> =>
  fc
    .tuple(json, fc.array(anyMutation, { minLength: 1, maxLength: 3 }))
    .map(([value, mutations]) => mutations.reduce(withFault, value));

function withFault(json: JsonValue, { path: [at, ...path], does, name, fault }: Mutation): JsonValue {
  const into = { path, does, name, fault };
  if (Array.isArray(json)) {
    if (at === undefined || json.length === 0) return does === "add" ? [...json, fault] : fault;
    const place = at % json.length;
    return json.map((each, i) => (i === place ? withFault(each, into) : each));
  }
  if (!isJsonObject(json)) return fault;
  const members = Object.entries(json);
  if (does === "add" && path.length === 0) return Object.fromEntries([...members, [name, fault]]);
  const chosen = at === undefined ? undefined : members[at % members.length]?.[0];
  if (chosen === undefined) return fault;
  if (does === "remove" && path.length === 0) {
    return Object.fromEntries(members.filter(([key]) => key !== chosen));
  }
  return Object.fromEntries(
    members.map(([key, member]) => [key, key === chosen ? withFault(member, into) : member]),
  );
}
