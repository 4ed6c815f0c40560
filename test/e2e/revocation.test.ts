// Who may not call any more is refused at once, and what they have under way ends: by every front end that streams, and on
// another gateway of the same database within five seconds.

import { once } from "node:events";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createManualClock } from "../support/manual-clock.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { asking } from "./canary/administer.ts";
import { createCanary } from "./canary/canary.ts";
import type { FrontEndClient, Outcome } from "./parity/client.ts";
import { createConnectClients } from "./parity/clients/connect.ts";
import { createGraphqlHttpClient } from "./parity/clients/graphql-http.ts";
import { createGraphqlWebsocketClient } from "./parity/clients/graphql-websocket.ts";
import { createGrpcClient } from "./parity/clients/grpc.ts";
import { createOpenAiClient } from "./parity/clients/openai.ts";
import { platform, serveGateway, type ServedGateway, type ServedOptions } from "./served-gateway.ts";

const request = {
  model: "openai/demo-chat",
  messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }],
} as const;

const password = "a long password of the tests";
const origin = { address: "192.0.2.1" };

interface Streaming {
  readonly served: ServedGateway;
  readonly clients: readonly FrontEndClient[];
}

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

/** Its upstream is silent after the first words. */
async function serveStreams(options: ServedOptions = {}): Promise<Streaming> {
  const served = await serveGateway(options);
  open.push(() => served.close());
  served.upstream.setFault({ kind: "hang", at: { afterEvents: 3 } });
  const { baseUrl, ports } = served;
  const clients = [
    createGrpcClient(ports.grpcPort),
    ...createConnectClients(baseUrl),
    createGraphqlHttpClient(baseUrl),
    createGraphqlWebsocketClient(baseUrl),
    createOpenAiClient(baseUrl),
  ];
  open.push(() => clients.forEach((client) => client.close()));
  return { served, clients };
}

interface OpenStream {
  readonly name: string;
  readonly ended: Promise<Outcome>;
}

/** One by each front end; resolves when each has had its first words. */
async function openStreams({ clients }: Streaming, credential: string): Promise<readonly OpenStream[]> {
  const controller = new AbortController();
  open.push(() => controller.abort());
  return Promise.all(
    clients.map(async ({ name, stream }) => {
      const begun = Promise.withResolvers<void>();
      const ended = stream(request, {
        credential,
        signal: controller.signal,
        onContent: () => begun.resolve(),
      });
      await Promise.race([
        begun.promise,
        ended.then(({ error }) => Promise.reject(new Error(`${name}: ${error?.message}`))),
      ]);
      return { name, ended };
    }),
  );
}

const endsOf = (streams: readonly OpenStream[]) =>
  Promise.all(streams.map(async ({ name, ended }) => [name, (await ended).error?.code]));

const callsOf = ({ clients }: Streaming, credential: string) =>
  Promise.all(
    clients.map(async ({ name, chat }) => [name, (await chat(request, { credential })).error?.code]),
  );

const allEnd = ({ clients }: Streaming) => clients.map(({ name }) => [name, "unauthenticated"]);

/** Callers of a tenant, and what an administrator does to them over GraphQL. */
async function createCallers({ served }: Streaming) {
  const { administration, sessions } = served.gateway;
  const tenantId = "revoked";
  await administration.createTenant(platform, { id: tenantId, name: "Revoked" });
  const admin = await administration.createUser(platform, {
    email: "a@x.example",
    role: "platform_admin",
    password,
  });
  const user = await administration.createUser(platform, {
    tenantId,
    email: "u@x.example",
    role: "developer",
    password,
  });
  const ofTenant = await administration.createApiKey(platform, { tenantId, name: "Key" });
  const ofUser = await administration.createApiKey(platform, {
    tenantId,
    name: "Key of a user",
    userId: user.id,
  });
  const session = await sessions.logIn({ email: user.email, password, tenantId }, origin);
  const { accessToken } = await sessions.logIn({ email: admin.email, password }, origin);
  const ask = asking({ served, canary: createCanary() });
  const change = async (query: string, variables: object, credential = accessToken): Promise<void> => {
    const answer = await ask("", query, variables, credential);
    if (/"errors":|"(?:InvalidInput|Conflict|NotFound)"/.test(answer)) throw new Error(answer);
  };
  const key = { id: ofTenant.apiKey.id, version: ofTenant.apiKey.version };
  const theUser = { id: user.id, version: user.version };
  const [tenant] = await administration.tenantsById(platform, [tenantId]);
  const theTenant = { id: tenantId, version: tenant?.version };
  return {
    credentials: { key: ofTenant.secret, "key of a user": ofUser.secret, session: session.accessToken },
    revokeKey: () =>
      change(
        "mutation ($id: ID!, $version: Int!) { revokeApiKey(id: $id, version: $version) { __typename } }",
        key,
      ),
    stopKey: () =>
      change(
        "mutation ($id: ID!, $version: Int!) { updateApiKey(id: $id, version: $version, input: { active: false }) { __typename } }",
        key,
      ),
    deleteKey: () =>
      change(
        "mutation ($id: ID!, $version: Int!) { deleteApiKey(id: $id, version: $version) { __typename } }",
        key,
      ),
    stopUser: () =>
      change(
        "mutation ($id: ID!, $version: Int!) { updateUser(id: $id, version: $version, input: { active: false }) { __typename } }",
        theUser,
      ),
    stopTenant: () =>
      change(
        "mutation ($id: ID!, $version: Int!) { updateTenant(id: $id, version: $version, input: { active: false }) { __typename } }",
        theTenant,
      ),
    logOut: () => change("mutation { logOut }", {}, session.accessToken),
  };
}

type Callers = Awaited<ReturnType<typeof createCallers>>;
type Credential = keyof Callers["credentials"];
type Act = Exclude<keyof Callers, "credentials">;

const acts: readonly (readonly [Act, readonly Credential[]])[] = [
  ["revokeKey", ["key"]],
  ["stopKey", ["key"]],
  ["deleteKey", ["key"]],
  ["logOut", ["session"]],
  ["stopUser", ["key of a user", "session"]],
  ["stopTenant", ["key", "key of a user", "session"]],
];

describe("on the gateway where it is done", () => {
  let streaming: Streaming;
  let callers: Callers;
  beforeEach(async () => {
    streaming = await serveStreams();
    callers = await createCallers(streaming);
  });

  test.each(acts)("%s ends the streams of: %s; all others go on", async (act, ended) => {
    const { credentials } = callers;
    const ending = await Promise.all(ended.map((name) => openStreams(streaming, credentials[name])));
    const spared = Object.entries(credentials).filter(([name]) => !ended.some((each) => each === name));
    const few = { ...streaming, clients: streaming.clients.slice(0, 2) };
    const goingOn = await Promise.all(spared.map(([, credential]) => openStreams(few, credential)));
    let others = 0;
    for (const { ended: end } of goingOn.flat()) void end.finally(() => (others += 1)).catch(() => undefined);
    await callers[act]();
    for (const streams of ending) expect(await endsOf(streams)).toEqual(allEnd(streaming));
    for (const name of ended) {
      expect(await callsOf(streaming, credentials[name])).toEqual(allEnd(streaming));
    }
    expect(others).toBe(0);
  });

  test("what a caller asked whose end came before the end of its question is refused", async () => {
    const { baseUrl } = streaming.served;
    const { session } = callers.credentials;
    const question = JSON.stringify({ query: "{ requests(first: 1) { nodes { id } } }" });
    const url = `${baseUrl}/graphql`;
    const headers = { authorization: `Bearer ${session}`, "content-type": "application/json" };
    const slow = httpRequest(url, {
      method: "POST",
      headers: { ...headers, "content-length": question.length, expect: "100-continue" },
    });
    slow.flushHeaders();
    await once(slow, "continue");
    slow.write(question.slice(0, 10));
    // Whoever comes later is let in later.
    expect((await fetch(url, { method: "POST", headers, body: question })).status).toBe(200);
    await callers.stopUser();
    const answered = once(slow, "response");
    slow.end(question.slice(10));
    const [answer]: IncomingMessage[] = await answered;
    expect(answer?.statusCode).toBe(401);
    answer?.resume();
  });
});

describe("on another gateway of the same database", () => {
  test("streams end, and calls are refused, within five seconds", async () => {
    const environment = { DATABASE_URL: await createTestDatabase(), SLUICE_SECRET: "s".repeat(32) };
    const here = await serveStreams({ environment });
    const clock = createManualClock(Date.now());
    const there = await serveStreams({ environment, clock });
    const callers = await createCallers(here);
    const { key, session } = callers.credentials;
    const streams = await openStreams(there, key);
    const ofSession = await openStreams(there, session);
    await callers.revokeKey();
    expect(await callsOf(here, key)).toEqual(allEnd(here));
    clock.advance(5_000);
    expect(await endsOf(streams)).toEqual(allEnd(there));
    expect(await callsOf(there, key)).toEqual(allEnd(there));
    await callers.stopUser();
    clock.advance(5_000);
    expect(await endsOf(ofSession)).toEqual(allEnd(there));
    expect(await callsOf(there, session)).toEqual(allEnd(there));
  });
});
