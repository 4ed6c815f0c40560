// Two gateways on one PostgreSQL: what one runs, and the other is asked for.

import { createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ChatEvent, ChatService } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { rpcTransports } from "../../api/rpc/rpc-transports.ts";
import { createTestDatabase } from "../../support/postgres.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { type ServedGateway, serveGateway } from "../served-gateway.ts";
import { blocksOf, completion, post, resumable, textOfChunks, toldBy } from "./run-clients.ts";

const apiKey = "key-of-the-tenant";
const headers = { authorization: `Bearer ${apiKey}` };
const prompt = "[demo tokens=40 delay=10] Hello";

const serveNode = (environment: Readonly<Record<string, string>>): Promise<ServedGateway> =>
  serveGateway({
    environment: {
      SLUICE_API_KEYS: apiKey,
      SLUICE_SECRET: "one secret of both gateways, long enough",
      ...environment,
    },
  });

/** What one gateway begins, the other hears of a moment later. */
async function untilHeardOf(ask: () => Promise<Response>): Promise<Response> {
  let response: Response | undefined;
  await expect.poll(async () => (response = await ask()).status).toBe(200);
  if (response === undefined) throw new Error("no answer");
  return response;
}

/** The sequence of its first event; undefined: there is no such stream. */
async function firstOf(stream: AsyncIterable<ChatEvent>): Promise<number | undefined> {
  try {
    for await (const { sequence } of stream) return Number(sequence);
  } catch {
    // Asked again.
  }
  return undefined;
}

describe("without a Redis", () => {
  let nodes: readonly ServedGateway[];
  beforeAll(async () => {
    const DATABASE_URL = await createTestDatabase();
    nodes = [await serveNode({ DATABASE_URL }), await serveNode({ DATABASE_URL })];
  });
  afterAll(() => Promise.all(nodes.map((node) => node.close())));

  test("a key that runs at the other gateway is a conflict; when it has run, its answer is given", async () => {
    const [one, other] = nodes;
    if (one === undefined || other === undefined) throw new Error("no gateways");
    const keyed = { ...headers, "idempotency-key": "shared" };
    const stream = await post(one.baseUrl, { ...completion(prompt, true), headers: keyed });
    const callId = stream.headers.get("x-sluice-request-id");
    const refused = await post(other.baseUrl, { ...completion(prompt), headers: keyed });
    expect(refused.status).toBe(409);
    expect(refused.headers.get("x-should-retry")).toBe("false");
    expect(refused.headers.get("x-sluice-request-id")).toBe(callId);
    expect(await refused.json()).toMatchObject({ error: { code: "conflict" } });

    const text = await stream.text();
    expect(text).toContain("[DONE]");
    await expect
      .poll(() => post(other.baseUrl, { ...completion(prompt, true), headers: keyed }).then((r) => r.text()))
      .toBe(text);
    expect(other.upstream.counts.received).toBe(0);
  });
});

describe("with one Redis", () => {
  let redis: RedisServer;
  let nodes: readonly ServedGateway[];
  beforeAll(async () => {
    redis = await startRedis();
    const environment = { DATABASE_URL: await createTestDatabase(), REDIS_URL: redis.url };
    nodes = [await serveNode(environment), await serveNode(environment)];
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await redis.remove();
  });

  test("a key that runs at the other gateway joins its run", async () => {
    const [one, other] = nodes;
    if (one === undefined || other === undefined) throw new Error("no gateways");
    const keyed = { ...headers, "idempotency-key": "joined" };
    const stream = await post(one.baseUrl, { ...completion(prompt, true), headers: keyed });
    const joined = await untilHeardOf(() =>
      post(other.baseUrl, { ...completion(prompt, true), headers: keyed }),
    );
    expect(joined.headers.get("x-sluice-request-id")).toBe(stream.headers.get("x-sluice-request-id"));
    expect(blocksOf(await joined.text())).toEqual(blocksOf(await stream.text()));
    expect(other.upstream.counts.received).toBe(0);
  });

  test("a stream of one gateway is gone on with at the other", async () => {
    const [one, other] = nodes;
    if (one === undefined || other === undefined) throw new Error("no gateways");
    const asked = { ...completion(prompt, true), headers: { ...headers, ...resumable } };
    const stream = await post(one.baseUrl, asked);
    const transports = rpcTransports(other.baseUrl, other.ports.grpcPort);
    const id = stream.headers.get("x-sluice-request-id") ?? "";
    const [, transport] = transports.byName[1] ?? [];
    if (transport === undefined) throw new Error("no transport");
    const client = createClient(ChatService, transport);
    // What has been told to Redis is read a moment later.
    await expect.poll(() => firstOf(client.resumeChat({ id, afterSequence: 0n }, { headers }))).toBe(1);
    const events: ChatEvent[] = [];
    for await (const event of client.resumeChat({ id, afterSequence: 0n }, { headers })) events.push(event);
    transports.close();
    const text = textOfChunks(blocksOf(await stream.text()));
    expect(toldBy(events).text).toBe(text);
    expect(events.map(({ sequence }) => Number(sequence))).toEqual(events.map((_, at) => at + 1));
    expect(events.at(-1)?.event.case).toBe("finished");
  });
});
