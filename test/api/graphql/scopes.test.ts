// Who may ask for what: every field by which an operation begins says it, and is held to it.

import { administrationNeeds } from "../../../src/core/directory/administration-needs.ts";
import { isNonNullType, OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { scopeOf } from "../../../src/api/graphql/scopes.ts";
import { recordsNeed, settingsNeed } from "../../../src/core/access/guarded-ports.ts";
import { permissions } from "../../../src/core/access/permissions.ts";
import type { Principal } from "../../../src/core/access/principal.ts";
import { type ServedDirectory, serveDirectory } from "./directory/serve-directory.ts";
import { rootFields, sampleDocument } from "./sample-document.ts";
import { helloInput, readResults, shortSubscription, type WireResult } from "./serve-graphql.ts";

const { QUERY, MUTATION, SUBSCRIPTION } = OperationTypeNode;
const everyField = rootFields([QUERY, MUTATION, SUBSCRIPTION]);

const having = (held: readonly (typeof permissions)[number][]): Principal => ({
  tenantId: "acme",
  apiKeyId: "k-1",
  environment: "live",
  keyless: false,
  permissions: new Set(held),
});

/** Credentials of whoever has all permissions but one, or that one alone, or none. */
const principals = Object.fromEntries([
  ...permissions.map((one) => [`not ${one}`, having(permissions.filter((other) => other !== one))]),
  ...permissions.map((one) => [`only ${one}`, having([one])]),
  ["nothing", having([])],
]);

let served: ServedDirectory;
beforeAll(async () => {
  served = await serveDirectory({ principals });
});
beforeEach(() => void served.noted.splice(0));
afterAll(() => served.close());

test("each field by which an operation begins says who may ask for it", () => {
  const scopes = Object.fromEntries(everyField.map(({ name, field }) => [name, scopeOf(field)]));
  expect(scopes).toEqual({
    "Query.apiKey": "api_keys:view",
    "Query.apiKeys": "api_keys:view",
    "Query.auditLog": "audit:view",
    "Query.me": "signedIn",
    "Query.metrics": "metrics:view",
    "Query.semanticCacheReport": "metrics:view",
    "Query.models": "gateway:use",
    "Query.permissions": "signedIn",
    "Query.providers": "providers:view",
    "Query.request": "requests:view",
    "Query.requests": "requests:view",
    "Query.roles": "signedIn",
    "Query.routes": "routes:view",
    "Query.ssoConfig": "tenants:view",
    "Query.tenant": "tenants:view",
    "Query.tenants": "tenants:view",
    "Query.usage": "usage:view",
    "Query.user": "users:view",
    "Query.users": "users:view",
    "Query.verifyAudit": "audit:view",
    "Mutation.addProvider": "providers:update",
    "Mutation.addRoute": "routes:update",
    "Mutation.changePassword": "signedIn",
    "Mutation.chat": "gateway:use",
    "Mutation.createApiKey": "api_keys:create",
    "Mutation.createTenant": "tenants:create",
    "Mutation.createUser": "users:create",
    "Mutation.deleteApiKey": "api_keys:delete",
    "Mutation.deleteSsoConfig": "tenants:update",
    "Mutation.deleteTenant": "tenants:delete",
    "Mutation.deleteUser": "users:delete",
    "Mutation.drainProvider": "providers:update",
    "Mutation.drainRoute": "routes:update",
    "Mutation.embed": "gateway:use",
    "Mutation.importApiKeys": "api_keys:create",
    "Mutation.logIn": "public",
    "Mutation.logOut": "signedIn",
    "Mutation.logOutEverywhere": "signedIn",
    "Mutation.refreshSession": "public",
    "Mutation.removeProvider": "providers:update",
    "Mutation.removeRoute": "routes:update",
    "Mutation.resealSecrets": "providers:update",
    "Mutation.revokeApiKey": "api_keys:delete",
    "Mutation.rotateApiKey": "api_keys:update",
    "Mutation.setSsoConfig": "tenants:update",
    "Mutation.updateApiKey": "api_keys:update",
    "Mutation.updateProvider": "providers:update",
    "Mutation.updateRoute": "routes:update",
    "Mutation.updateTenant": "tenants:update",
    "Mutation.updateUser": "users:update",
    "Subscription.chat": "gateway:use",
    "Subscription.resumeChat": "gateway:use",
  });
});

const needed = everyField.flatMap((root) => {
  const scope = scopeOf(root.field);
  const permission = permissions.find((each) => each === scope);
  return permission === undefined ? [] : [{ ...root, permission }];
});

test("they ask for what their ports ask for", () => {
  const needs = Object.entries({ ...recordsNeed, ...settingsNeed, ...administrationNeeds });
  const scopes = new Map(everyField.map(({ field }) => [field.name, scopeOf(field)]));
  const asked = needs.filter(([name]) => scopes.has(name));
  expect(asked.length).toBeGreaterThan(10);
  for (const [name, permission] of asked) expect(scopes.get(name), name).toBe(permission);
});

test.each(needed)("$name is refused without $permission, and nothing is asked of a port", async (root) => {
  const { permission } = root;
  const { status, result } = await answer(sampleDocument(root), `not ${permission}`);
  // What may be null is answered beside the error.
  expect(status).toBe(isNonNullType(root.field.type) ? 403 : 200);
  expect(result?.errors).toEqual([
    expect.objectContaining({
      message: `This needs the permission ${permission}. Ask an administrator for it, or use another credential.`,
      path: [root.field.name],
      extensions: { code: "permission_denied", http: { status: 403 } },
    }),
  ]);
  expect(served.noted).toEqual([]);
});

test.each(needed)("$name needs no permission but $permission", async (root) => {
  const { result } = await answer(sampleDocument(root), `only ${root.permission}`);
  const code = result?.errors?.[0]?.extensions.code;
  expect(code).not.toBe("permission_denied");
  // A sample of a conversation says nothing, for which its resolver refuses it.
  expect(served.noted.length > 0 || code === "invalid_request").toBe(true);
});

const withoutPermission = rootFields([QUERY, MUTATION]).filter(({ field }) =>
  ["signedIn", "public"].includes(scopeOf(field) ?? ""),
);

test.each(withoutPermission)("$name needs no permission", async (root) => {
  const { errors } = await served.result(sampleDocument(root), {}, "nothing");
  expect(errors).toBeUndefined();
});

/** The last result, however many there are. */
async function answer(query: string, credential: string) {
  const { status, headers, body } = await fetch(served.url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${credential}`, accept: "*/*" },
    body: JSON.stringify({ query }),
  });
  const response = new Response(body);
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") === true;
  const results: WireResult[] = isStream ? await readResults(response) : [JSON.parse(await response.text())];
  return { status, result: results.at(-1) };
}

test("a subscription by a websocket is refused before it begins", async () => {
  const variables = { input: helloInput };
  const client = createClient({
    url: served.websocketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: "Bearer not gateway:use" },
    retryAttempts: 0,
  });
  const results: unknown[] = [];
  for await (const result of client.iterate({ query: shortSubscription, variables })) results.push(result);
  expect(results).toMatchObject([{ errors: [{ extensions: { code: "permission_denied" } }] }]);
  expect(served.noted).toEqual([]);
  await client.dispose();
});

test.each([
  ["apiKey", "tenant { name }", "tenants:view", "api_keys:view"],
  ["apiKey", "user { name }", "users:view", "api_keys:view"],
  ["apiKey", "currentSpend", "budgets:view", "api_keys:view"],
  ["user", "tenant { name }", "tenants:view", "users:view"],
  ["user", "budgetRemaining", "budgets:view", "users:view"],
  ["tenant", "budgetResetsAt", "budgets:view", "tenants:view"],
])("of %s, `%s` needs %s besides", async (name, field, permission, own) => {
  const { errors } = await served.result(`{ ${name}(id: "x") { id ${field} } }`, {}, `only ${own}`);
  expect(errors).toMatchObject([
    { message: expect.stringContaining(permission), extensions: { code: "permission_denied" } },
  ]);
  expect(served.noted.map(([port]) => port)).toEqual([`${name}sById`]);
});
