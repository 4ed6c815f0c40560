// A port of its own for administration: whoever calls on the other ports does that and nothing else.

import { afterEach, describe, expect, it } from "vitest";
import { configurationOf, createGateway, type RunningGateway } from "../../../src/gateway.ts";
import { serve, type ServedPorts } from "../../../src/serve.ts";
import { keylessPrincipal } from "../../support/principals.ts";

const open: { gateway: RunningGateway; ports: ServedPorts }[] = [];
afterEach(async () => {
  for (const { gateway, ports } of open.splice(0)) {
    await ports.close();
    await gateway.close();
  }
});

const at = (port: number | undefined) => `http://127.0.0.1:${port}`;
const ask = async (url: string, query: string, headers: Readonly<Record<string, string>> = {}) => {
  const answer = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query }),
  });
  const body: unknown = await answer.json();
  return body;
};

async function begin(environment: Readonly<Record<string, string>> = {}) {
  const configuration = configurationOf({
    DATABASE_URL: "sqlite::memory:",
    SLUICE_SECRET: "a secret that is long enough to be one",
    LOG_LEVEL: "silent",
    OPENAI_API_KEY: "k",
    HTTP_PORT: "0",
    GRPC_PORT: "0",
    ADMIN_PORT: "0",
    ...environment,
  });
  const gateway = await createGateway(configuration);
  const ports = await serve(gateway, configuration.settings);
  open.push({ gateway, ports });
  return { gateway, ask, calls: at(ports.httpPort), administration: at(ports.adminPort) };
}

const denied = {
  errors: [
    { extensions: { code: "permission_denied" }, message: expect.stringContaining("port of administration") },
  ],
};

describe("with ADMIN_PORT", () => {
  it("administration is served there and nowhere else", async () => {
    const { ask, calls, administration } = await begin();
    const query = "{ tenants(first: 1) { edges { node { id } } } }";
    expect(await ask(administration, query)).toMatchObject({ data: { tenants: { edges: [{}] } } });
    for (const asked of [
      query,
      "{ providers { name } }",
      "{ requests { hasMore } }",
      "{ auditLog(first: 1) { edges { cursor } } }",
    ])
      expect(await ask(calls, asked)).toMatchObject(denied);
    for (const path of ["/analytics/usage-by-key", "/audit/export", "/auth/log-in"]) {
      expect((await fetch(calls + path)).status).toBe(404);
      expect((await fetch(administration + path)).status).not.toBe(404);
    }
  });

  it("calls are served on both", async () => {
    const { ask, calls, administration } = await begin();
    for (const url of [calls, administration]) {
      expect(await ask(url, "{ models { id } }")).toMatchObject({ data: { models: expect.any(Array) } });
      expect((await fetch(`${url}/health`)).status).toBe(200);
      expect((await fetch(`${url}/v1/models`)).status).toBe(200);
    }
  });

  it("nobody logs in on the port of calls, with a credential or without", async () => {
    const { gateway, ask, calls, administration } = await begin();
    const password = "correct horse battery";
    const user = { email: "root@example.com", role: "platform_admin", password } as const;
    await gateway.administration.createUser(keylessPrincipal, user);
    const { secret } = await gateway.administration.createApiKey(keylessPrincipal, { name: "k" });
    const logIn = `mutation { logIn(email: "${user.email}", password: "${password}") { accessToken } }`;
    expect(await ask(calls, logIn)).toMatchObject(denied);
    expect(await ask(calls, logIn, { "x-api-key": secret })).toMatchObject(denied);
    expect(await ask(administration, logIn)).toMatchObject({ data: { logIn: {} } });
  });

  it("nobody changes a password on the port of calls, where passwords could be tried", async () => {
    const { gateway, ask, calls, administration } = await begin();
    const password = "correct horse battery";
    const user = { email: "root@example.com", role: "platform_admin", password } as const;
    await gateway.administration.createUser(keylessPrincipal, user);
    const { accessToken } = await gateway.sessions.logIn({ ...user, tenantId: undefined }, {});
    const bearer = { authorization: `Bearer ${accessToken}` };
    const change = `mutation { changePassword(current: "${password}", next: "another horse battery") {
      __typename } }`;
    expect(await ask(calls, change, bearer)).toMatchObject(denied);
    expect(await ask(administration, change, bearer)).toMatchObject({
      data: { changePassword: { __typename: "PasswordChange" } },
    });
  });

  it("who may do nothing there hears what is missing, and not of a port", async () => {
    const { gateway, ask, administration } = await begin();
    const user = {
      email: "root@example.com",
      role: "platform_admin",
      password: "correct horse battery",
    } as const;
    await gateway.administration.createUser(keylessPrincipal, user);
    const { secret } = await gateway.administration.createApiKey(keylessPrincipal, { name: "k" });
    expect(await ask(administration, "{ providers { name } }", { "x-api-key": secret })).toMatchObject({
      errors: [{ message: expect.stringContaining("providers:view") }],
    });
  });
});

it("without it one port serves both", async () => {
  const { ask, calls } = await begin({ ADMIN_PORT: "" });
  expect(await ask(calls, "{ tenants(first: 1) { edges { node { id } } } models { id } }")).toMatchObject({
    data: { tenants: {}, models: expect.any(Array) },
  });
});
