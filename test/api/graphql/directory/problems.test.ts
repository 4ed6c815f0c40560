// What a change answers when it cannot be done: a problem that its caller can put right is data, all else an error.

import { afterEach, describe, expect, test } from "vitest";
import type { GraphQLUnionType } from "graphql";
import { isUnionType } from "graphql";
import { schema } from "../../../../src/api/graphql/schema.ts";
import {
  type ErrorCode,
  type FieldFault,
  GatewayError,
  invalidFields,
  invalidRequest,
} from "../../../../src/core/errors.ts";
import { type ServedDirectory, serveDirectory } from "./serve-directory.ts";

let served: ServedDirectory | undefined;
afterEach(() => served?.close());

const problem = `__typename ... on Problem { code message } ... on InvalidInput { fields { field message } }`;

/** By its mutation. */
const changes: Readonly<Record<string, string>> = {
  createTenant: 'createTenant(input: { id: "a", name: "A" })',
  updateTenant: 'updateTenant(id: "a", version: 1, input: {})',
  deleteTenant: 'deleteTenant(id: "a", version: 1)',
  createUser: 'createUser(input: { email: "a@b.test", role: VIEWER })',
  updateUser: 'updateUser(id: "u", version: 1, input: {})',
  deleteUser: 'deleteUser(id: "u", version: 1)',
  changePassword: 'changePassword(current: "a", next: "b")',
  createApiKey: 'createApiKey(input: { name: "A" })',
  updateApiKey: 'updateApiKey(id: "k", version: 1, input: {})',
  rotateApiKey: 'rotateApiKey(id: "k", version: 1)',
  revokeApiKey: 'revokeApiKey(id: "k", version: 1)',
  deleteApiKey: 'deleteApiKey(id: "k", version: 1)',
  importApiKeys: 'importApiKeys(input: { keys: [{ name: "A", prefix: "sk-abc", bcryptHash: "h" }] })',
  setSsoConfig: 'setSsoConfig(input: { issuer: "https://i.test" })',
  deleteSsoConfig: "deleteSsoConfig(version: 1)",
};

const failing = (failure: Error) => {
  const fail = async (): Promise<never> => {
    throw failure;
  };
  return { administration: Object.fromEntries(Object.keys(changes).map((name) => [name, fail])) };
};

const documentOf = (name: string) => `mutation { ${name}: ${changes[name]} { ${problem} } }`;

const resultTypes = (): readonly (readonly [string, GraphQLUnionType])[] =>
  Object.entries(schema.getMutationType()?.getFields() ?? {}).flatMap(([name, { type }]) => {
    const ofType = "ofType" in type ? type.ofType : type;
    return isUnionType(ofType) ? [[name, ofType] as const] : [];
  });

test("every change of the directory answers with a union of what it made and the three problems", () => {
  expect(
    resultTypes()
      .map(([name]) => name)
      .toSorted(),
  ).toEqual(Object.keys(changes).toSorted());
  for (const [name, union] of resultTypes()) {
    expect(union.name).toBe(`${name.slice(0, 1).toUpperCase()}${name.slice(1)}Result`);
    const members = union.getTypes().map((type) => type.name);
    expect(members).toHaveLength(4);
    expect(members).toEqual(expect.arrayContaining(["InvalidInput", "Conflict", "NotFound"]));
  }
});

describe.each(Object.keys(changes))("%s", (name) => {
  test.each<[ErrorCode, string]>([
    ["invalid_request", "InvalidInput"],
    ["conflict", "Conflict"],
    ["not_found", "NotFound"],
  ])("tells %s as %s", async (code, typename) => {
    served = await serveDirectory(failing(new GatewayError({ code, message: "So it is. Do this." })));
    const data = await served.ask(documentOf(name));
    expect(data).toEqual({
      [name]: {
        __typename: typename,
        code,
        message: "So it is. Do this.",
        ...(code === "invalid_request" ? { fields: [] } : {}),
      },
    });
  });

  test.each<[ErrorCode, number]>([
    ["permission_denied", 403],
    ["unauthenticated", 401],
    ["unavailable", 503],
    ["rate_limited", 429],
    ["budget_exceeded", 402],
  ])("leaves %s an error", async (code, status) => {
    served = await serveDirectory(failing(new GatewayError({ code, message: "No.", retryAfterMs: 2_000 })));
    const { response, result } = await served.post(
      { query: documentOf(name) },
      { authorization: "Bearer platform_admin" },
    );
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe("2");
    expect(result).toMatchObject({
      data: null,
      errors: [{ message: "No.", path: [name], extensions: { code } }],
    });
  });

  test("tells nothing of what nobody foresaw", async () => {
    served = await serveDirectory(failing(new Error("SELECT secret FROM users")));
    const { errors } = await served.result(documentOf(name));
    expect(errors).toMatchObject([{ extensions: { code: "internal" } }]);
    expect(JSON.stringify(errors)).not.toContain("SELECT");
  });
});

async function fieldsOf(error: Error, change = "createApiKey") {
  served = await serveDirectory(failing(error));
  return Object(await served.ask(documentOf(change)))[change];
}

async function refused(change: string, input: string) {
  served = await serveDirectory();
  const data = await served.ask(`mutation { change: ${change}${input}) { ${problem} } }`);
  expect(served.noted).toEqual([]);
  expect(data).toMatchObject({ change: { __typename: "InvalidInput", code: "invalid_request" } });
  return Object(data)["change"].fields;
}
const mayNotBeNull = (field: string) => ({ field, message: expect.stringContaining("may not be null") });

const key = (more: string) => `{ name: "A", prefix: "sk-abc", bcryptHash: "h", ${more} }`;

describe("the fields at fault", () => {
  test("are all told, in the words of the input", async () => {
    const faults: FieldFault[] = [
      { field: "limits.requestsPerMinute", message: "must be above 0" },
      { field: "expiresAtMs", message: "must be in the future; expiresAtMs was yesterday" },
      { field: "keys[2].expiresAtMs", message: "is no time" },
    ];
    expect(await fieldsOf(invalidFields(faults))).toEqual({
      __typename: "InvalidInput",
      code: "invalid_request",
      message:
        "limits.requestsPerMinute: must be above 0; expiresAt: must be in the future; expiresAt was yesterday; " +
        "keys[2].expiresAt: is no time",
      fields: [
        { field: "limits.requestsPerMinute", message: "must be above 0" },
        { field: "expiresAt", message: "must be in the future; expiresAt was yesterday" },
        { field: "keys[2].expiresAt", message: "is no time" },
      ],
    });
  });

  test("are the one field of an error that has but one", async () => {
    expect(await fieldsOf(invalidRequest("email", "is no address"))).toMatchObject({
      message: "email: is no address",
      fields: [{ field: "email", message: "is no address" }],
    });
    const bare = new GatewayError({ code: "invalid_request", field: "email", message: "No such address." });
    expect(await fieldsOf(bare)).toMatchObject({ fields: [{ field: "email", message: "No such address." }] });
  });
});

describe("what the schema itself finds wrong with an input", () => {
  test.each([
    ["updateTenant", 'id: "a", version: 1, input: { name: null, active: null }', ["name", "active"]],
    [
      "updateUser",
      'id: "u", version: 1, input: { email: null, name: null, role: null, active: null }',
      ["email", "name", "role", "active"],
    ],
    ["createUser", 'input: { email: "a@b.test", role: VIEWER, name: null }', ["name"]],
    [
      "updateApiKey",
      'id: "k", version: 1, input: { name: null, active: null, permissions: null }',
      ["name", "active", "permissions"],
    ],
    [
      "setSsoConfig",
      "input: { active: null, issuer: null, clientId: null, createsUsers: null }",
      ["active", "issuer", "clientId", "createsUsers"],
    ],
  ])("is null where %s has no default", async (change, input, fields) => {
    expect(await refused(`${change}(`, input)).toEqual(fields.map(mayNotBeNull));
  });

  test("is a permission that there is not", async () => {
    const permissions = '["gateway:use", "gateway:abuse", "usage"]';
    expect(await refused("createApiKey(", `input: { name: "A", permissions: ${permissions} }`)).toEqual([
      { field: "permissions[1]", message: expect.stringMatching(/"gateway:abuse" is none.*`permissions`/) },
      { field: "permissions[2]", message: expect.stringContaining('"usage"') },
    ]);
    const keys = `[${key("")}, ${key('active: null, permissions: ["x"]')}]`;
    expect(await refused("importApiKeys(", `input: { keys: ${keys} }`)).toMatchObject([
      { field: "keys[1].active" },
      { field: "keys[1].permissions[0]" },
    ]);
  });

  test("is a group that is said twice", async () => {
    const roles = '[{ group: "staff", role: VIEWER }, { group: "staff", role: ADMIN }]';
    expect(await refused("setSsoConfig(", `input: { rolesOfGroups: ${roles} }`)).toEqual([
      { field: "rolesOfGroups[1].group", message: expect.stringContaining('"staff"') },
    ]);
  });
});
