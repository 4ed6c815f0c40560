// Whoever shows no credential to a gateway that asks for one: may log in and go on with a session, and learns nothing
// else.

import { once } from "node:events";
import { request } from "node:http";
import { getIntrospectionQuery, OperationTypeNode } from "graphql";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createGraphqlFrontEnd } from "../../../src/api/graphql/graphql-front-end.ts";
import { schema } from "../../../src/api/graphql/schema.ts";
import { scopeOf } from "../../../src/api/graphql/scopes.ts";
import { maxStrangerBytes, maxStrangerTokens } from "../../../src/api/graphql/stranger.ts";
import { startHttpServer } from "../../../src/api/http-server.ts";
import type { Access, Presented } from "../../../src/core/access/access.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { type ServedDirectory, serveDirectory } from "./directory/serve-directory.ts";
import { rootFields, sampleDocument } from "./sample-document.ts";
import { readResults } from "./serve-graphql.ts";

let served: ServedDirectory;
beforeAll(async () => {
  served = await serveDirectory();
});
beforeEach(() => void served.noted.splice(0));
afterAll(() => served.close());

const { QUERY, MUTATION, SUBSCRIPTION } = OperationTypeNode;
const logIn = 'logIn(email: "a@acme.test", password: "pw")';
const refresh = 'refreshSession(refreshToken: "rt")';

const bodyWith = (bytes: number) => {
  const query = `mutation { ${logIn} { accessToken } }`;
  return JSON.stringify({ query, variables: { pad: "" } }).replace('""', `"${"x".repeat(bytes)}"`);
};

const logIns = (count: number) =>
  `mutation { ${Array.from({ length: count }, (_, i) => `a${i}: ${logIn} { accessToken }`).join(" ")} }`;

const credentialNeeded = {
  errors: [
    {
      message: "A key is needed. Send it as `Authorization: Bearer <key>` or `X-API-Key`.",
      extensions: { code: "unauthenticated", http: { status: 401 } },
    },
  ],
};

async function refused(body: unknown, headers?: Record<string, string>): Promise<void> {
  const { response, result } = await served.post(body, headers);
  expect(result).toEqual(credentialNeeded);
  expect(response.status).toBe(401);
  expect(served.noted).toEqual([]);
}

describe("without a credential", () => {
  test.each([
    `mutation { ${logIn} { accessToken refreshToken user { id } } }`,
    `mutation { ${refresh} { accessToken refreshToken user { id } } }`,
    `mutation ($email: String!) { a: logIn(email: $email, password: "pw") { __typename } ${refresh} { accessToken } }`,
  ])("`%s` is answered", async (query) => {
    const { response, result } = await served.post({ query, variables: { email: "a@acme.test" } });
    expect(result.errors).toBeUndefined();
    expect(response.status).toBe(200);
    expect(served.noted.length).toBeGreaterThan(0);
  });

  test("a log-in gives its tokens also where more was asked than may be seen", async () => {
    const query = `mutation { ${logIn} { accessToken user { currentSpend budgetResetsAt } } }`;
    const { result } = await served.post({ query });
    expect(result.errors).toHaveLength(2);
    expect(result.data).toEqual({
      logIn: { accessToken: "an-access-token", user: { currentSpend: null, budgetResetsAt: null } },
    });
  });

  test("a log-in by an event stream is answered too", async () => {
    const query = `mutation { ${logIn} { accessToken } }`;
    expect(await readResults(await served.subscribe({ query }))).toEqual([
      { data: { logIn: { accessToken: "an-access-token" } } },
    ]);
  });

  const closed = rootFields([QUERY, MUTATION, SUBSCRIPTION]).filter(
    ({ field }) => scopeOf(field) !== "public",
  );

  test.each(closed)("$name is not", (root) => refused({ query: sampleDocument(root) }));

  test.each([
    getIntrospectionQuery(),
    "{ __typename }",
    '{ __type(name: "Query") { name } }',
    "mutation { __typename }",
    "subscription { __typename }",
    `mutation { ${logIn} { accessToken } logOut }`,
    `mutation { ${logIn} { accessToken } __typename }`,
    `mutation { ...f } fragment f on Mutation { ${logIn} { accessToken } }`,
    `mutation { ... { ${logIn} { accessToken } } }`,
    `mutation { ${logIn} { ...f } } fragment f on StartedSession { accessToken }`,
    `mutation a { ${logIn} { accessToken } } query b { __schema { queryType { name } } }`,
    `query { ${logIn} { accessToken } }`,
    "mutation { logInn }",
    "{ modles { id } }",
    "{ models {",
    "type Query { a: Int }",
    "",
    " ".repeat(10),
    `mutation { ${"a".repeat(10)}: ${logIn} { ${"accessToken ".repeat(maxStrangerTokens)} } }`,
  ])("%j is not", async (query) => {
    await refused({ query });
    await refused({ query, operationName: "a" });
  });

  test.each(["", "{", "[]", '"query"', "{}", '{"query": 1}', '{"query": "{ models { id } }", "doc": 1}'])(
    "the body %j is as good as any other",
    (body) => refused(body),
  );

  test("only a short body is read", async () => {
    const fitting = bodyWith(maxStrangerBytes - bodyWith(0).length);
    expect(fitting).toHaveLength(maxStrangerBytes);
    expect((await served.post(fitting)).response.status).toBe(200);
    served.noted.splice(0);
    await refused(bodyWith(maxStrangerBytes - bodyWith(0).length + 1));
  });

  test("a body of no announced length is refused as soon as it is too long", async () => {
    const sending = request(served.url, { method: "POST", headers: { "content-type": "application/json" } });
    sending.write(" ".repeat(maxStrangerBytes + 1));
    const [answer] = await once(sending, "response");
    expect(answer.statusCode).toBe(401);
    expect(answer.headers.connection).toBe("close");
    answer.resume();
    sending.destroy();
  });

  test("an event stream tells the refusal with its status", async () => {
    const response = await served.subscribe({ query: "{ models { id } }" });
    expect(response.status).toBe(401);
    expect(await readResults(response)).toEqual([credentialNeeded]);
  });

  test("what is wrong with a log-in is told without names that would fit", async () => {
    const { response, result } = await served.post({
      query: 'mutation { logIn(emial: "a@acme.test", pasword: "pw") { acessToken user { emial } } }',
    });
    expect(response.status).toBe(400);
    expect(result.errors?.length).toBeGreaterThan(3);
    expect(JSON.stringify(result)).not.toMatch(/Did you mean/);
    expect(served.noted).toEqual([]);
    // Whoever is known is helped.
    const known = await served.result("{ modles { id } }", {}, "viewer");
    expect(known.errors?.[0]?.message).toContain('Did you mean "models"');
  });

  test("a session that has begun gives nothing beyond itself", async () => {
    const { result } = await served.post({
      query: `mutation { ${logIn} { accessToken user { id tenant { name } } } }`,
    });
    expect(result).toMatchObject({
      data: { logIn: { accessToken: "an-access-token", user: { tenant: null } } },
      errors: [{ path: ["logIn", "user", "tenant"], extensions: { code: "unauthenticated" } }],
    });
    expect(served.noted.map(([name]) => name)).toEqual(["logIn"]);
  });

  test("five log-ins in one request are too many", async () => {
    expect((await served.post({ query: logIns(4) })).response.status).toBe(200);
    served.noted.splice(0);
    const { result } = await served.post({ query: logIns(5) });
    expect(result.errors?.[0]?.message).toContain("costs more than");
    expect(served.noted).toEqual([]);
  });

  test("a websocket is not opened for anything", async () => {
    const socket = new WebSocket(served.websocketUrl, "graphql-transport-ws");
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init" }));
    expect((await once(socket, "close"))[0]).toBe(4401);
  });
});

describe("with a credential that is wrong", () => {
  test.each<Record<string, string>>([
    { authorization: "Bearer wrong" },
    { authorization: "Basic dXNlcjpwYXNz" },
    { authorization: "" },
    { "x-api-key": "wrong" },
  ])("%j not even a log-in is answered", async (headers) => {
    const { response, result } = await served.post(
      { query: `mutation { ${logIn} { accessToken } }` },
      headers,
    );
    expect(response.status).toBe(401);
    expect(result.errors).toMatchObject([{ extensions: { code: "unauthenticated" } }]);
    expect(served.noted).toEqual([]);
  });
});

describe("with a credential", () => {
  test.each(["viewer", "developer"])("a %s may look at the schema", async (role) => {
    const { errors } = await served.result(getIntrospectionQuery(), {}, role);
    expect(errors).toBeUndefined();
  });
});

describe("of access, a stranger", () => {
  const presented: Presented[] = [];
  const asking: Access = {
    keyless: false,
    authenticate(shown) {
      presented.push(shown);
      return Promise.reject(new GatewayError({ code: "unavailable", message: "The database is away." }));
    },
  };
  beforeEach(() => void presented.splice(0));

  test("asks nothing for a log-in, and all else hears what it says", async () => {
    const other = await serveDirectory({ access: asking });
    const { response } = await other.post({ query: `mutation { ${logIn} { accessToken } }` });
    expect(response.status).toBe(200);
    expect(presented).toEqual([]);
    const { response: unavailable } = await other.post({ query: "{ models { id } }" });
    expect(unavailable.status).toBe(503);
    expect(presented).toHaveLength(1);
    await other.close();
  });

  test("there is none while no key is asked for", async () => {
    const open: Access = { ...asking, keyless: true };
    const other = await serveDirectory({ access: open });
    const { response } = await other.post({ query: `mutation { ${logIn} { accessToken } }` });
    expect(response.status).toBe(503);
    expect(presented).toHaveLength(1);
    await other.close();
  });
});

describe("where a log-in comes from", () => {
  let stop: (() => Promise<void>) | undefined;
  afterEach(() => stop?.());

  async function originOf(headers: Record<string, string>): Promise<unknown> {
    const { gateway } = createTestGateway({ providers: {}, clock: systemClock });
    const origins: unknown[] = [];
    const frontEnd = createGraphqlFrontEnd({
      gateway: {
        ...gateway,
        access: { ...gateway.access, keyless: false },
        sessions: {
          ...gateway.sessions,
          logIn(asked, origin) {
            origins.push(origin);
            return gateway.sessions.logIn(asked, origin);
          },
        },
      },
      maxBodyBytes: 1_000_000,
      clock: systemClock,
      trustsProxy: (address) => address === "127.0.0.1",
    });
    const server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      frontEnds: [frontEnd],
      clock: systemClock,
      trustsProxy: (address) => address === "127.0.0.1",
    });
    stop = async () => {
      await server.close();
      await gateway.close();
    };
    const query = 'mutation { logIn(email: "a@acme.test", password: "pw") { accessToken } }';
    const response = await fetch(`http://127.0.0.1:${server.port}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query }),
    });
    expect(response.status).toBe(503);
    return origins[0];
  }

  test("is what a proxy tells whose word is taken", async () => {
    expect(await originOf({ "x-forwarded-for": "198.51.100.4", "x-request-id": "r-1" })).toEqual({
      address: "198.51.100.4",
      correlationId: "r-1",
    });
  });

  test("is the peer itself otherwise", async () => {
    expect(await originOf({})).toEqual({ address: "127.0.0.1", correlationId: undefined });
  });
});

test("only log-in and refresh are public", () => {
  const open = rootFields([QUERY, MUTATION, SUBSCRIPTION]).filter(({ field }) => scopeOf(field) === "public");
  expect(open.map(({ name }) => name)).toEqual(["Mutation.logIn", "Mutation.refreshSession"]);
  expect(schema.getSubscriptionType()?.getFields()).toHaveProperty("chat");
});
