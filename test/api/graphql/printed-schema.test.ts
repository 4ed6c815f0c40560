// What generated/schema.graphql tells clients is the schema that is served.

import { readFileSync } from "node:fs";
import { getNamedType, GraphQLString, isEnumType, isInterfaceType, isObjectType } from "graphql";
import { expect, test } from "vitest";
import { printedSchema, schema } from "../../../src/api/graphql/schema.ts";

test("the printed schema is up to date: `npm run generate` has been run", () => {
  const path = new URL("../../../generated/schema.graphql", import.meta.url);
  expect(readFileSync(path, "utf8")).toBe(printedSchema());
});

test("no text that is told is a secret or its hash, but those that are shown once", () => {
  const texts = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) || isInterfaceType(type)
      ? Object.values(type.getFields()).flatMap((field) =>
          getNamedType(field.type) === GraphQLString ? [`${type.name}.${field.name}`] : [],
        )
      : [],
  );
  expect(texts.filter((field) => /hash|secret|password|token|sealed/i.test(field)).toSorted()).toEqual([
    // Of the chain that the entries form.
    "AuditEntry.hash",
    "MadeApiKey.secret",
    "StartedSession.accessToken",
    "StartedSession.refreshToken",
  ]);
});

test("of the directory everything is described", () => {
  const named =
    /^(Tenant|User|ApiKey|Sso|Audit|Me$|MadeApiKey|Import|StartedSession|Budget|UseLimits|Problem|InvalidInput|Conflict|NotFound|FieldProblem|RoleInfo|Permission|GroupRole|Password|PageInfo|Create|(Update|Delete)(Tenant|User|ApiKey|Sso))/;
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => named.test(name));
  expect(types.length).toBeGreaterThan(60);
  const parts = types.flatMap((type) =>
    [
      { name: type.name, description: type.description },
      "getFields" in type
        ? Object.values(type.getFields()).map(({ name, description }) => ({
            name: `${type.name}.${name}`,
            description,
          }))
        : [],
      isEnumType(type) ? type.getValues() : [],
    ].flat(),
  );
  const bare = parts.filter(({ description }) => description === undefined || description === null);
  expect(bare.map(({ name }) => name)).toEqual([]);
});
