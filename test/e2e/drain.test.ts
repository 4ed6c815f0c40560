// A process that is told to stop while it is at work: nothing is cut, and every record is there.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { service as healthService } from "grpc-health-check";
import { afterAll, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { ChatRequest } from "../../src/core/chat/request.ts";
import type { FrontEndClient } from "./parity/client.ts";
import { createConnectClients } from "./parity/clients/connect.ts";
import { createGraphqlHttpClient } from "./parity/clients/graphql-http.ts";
import { createGraphqlWebsocketClient } from "./parity/clients/graphql-websocket.ts";
import { connectGrpc, createGrpcClient } from "./parity/clients/grpc.ts";
import { createOpenAiClient } from "./parity/clients/openai.ts";
import { createOfficialOpenAiClient } from "./parity/clients/openai-official.ts";
import { ask, recorded, type Served, serveIn } from "./served-process.ts";

const root = mkdtempSync(join(tmpdir(), "sluice-drain-"));
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(root, "process-"));
});
afterAll(() => rmSync(root, { recursive: true }));

const clientsOf = ({ httpUrl, grpcPort }: Served): readonly FrontEndClient[] => [
  createGrpcClient(grpcPort),
  ...createConnectClients(httpUrl),
  createGraphqlHttpClient(httpUrl),
  createGraphqlWebsocketClient(httpUrl),
  createOpenAiClient(httpUrl),
  createOfficialOpenAiClient(httpUrl),
];

const demo = (directive: string): ChatRequest => ({
  messages: [{ role: "user", parts: [{ type: "text", text: `[demo ${directive}] Hello` }] }],
});

/** What stays open of itself: connections without a request, and a watch of health. */
async function openIdleConnections({ httpUrl, grpcPort }: Served) {
  const agent = new Agent({ keepAlive: true });
  const [answer] = await once(get(`${httpUrl}/health`, { agent }), "response");
  await once(answer.resume(), "end");
  const silent = connect(Number(new URL(httpUrl).port), "127.0.0.1");
  const websocket = new WebSocket(`${httpUrl.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  await Promise.all([once(silent, "connect"), once(websocket, "open")]);
  const watching = connectGrpc(grpcPort);
  const method = healthService["Watch"];
  if (method === undefined) throw new Error("no Watch");
  const { path, requestSerialize, responseDeserialize } = method;
  const watch = watching.makeServerStreamRequest(path, requestSerialize, responseDeserialize, {
    service: "",
  });
  watch.on("error", () => {});
  const told: unknown[] = [];
  watch.on("data", (answered: unknown) => told.push(answered));
  await once(watch, "data");
  return {
    told,
    close() {
      agent.destroy();
      silent.destroy();
      watching.close();
    },
  };
}

const liveStreams = 200;

test("200 live streams end whole, those who come in the delay are served, and all are on record", async () => {
  // They are all of one tenant, and more than it may have tokens for.
  const served = await serveIn(folder, { REQUESTS_PER_MINUTE: "off", TOKENS_PER_MINUTE: "off" });
  const { child, httpUrl, lines, ended } = served;
  const clients = clientsOf(served);
  const idle = await openIdleConnections(served);
  const contents: Promise<void>[] = [];
  let over = 0;
  const answers = Array.from({ length: liveStreams }, async (_, i) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    contents.push(promise);
    const client = clients[i % clients.length];
    const outcome = await client?.stream(demo("tokens=30 delay=200"), { onContent: resolve });
    over += 1;
    return outcome;
  });
  await Promise.all(contents);
  expect(over).toBe(0);

  child.kill("SIGTERM");
  await served.sees('"msg":"stopping"');
  const ready = await fetch(`${httpUrl}/ready`);
  expect([ready.status, ready.headers.get("connection")]).toEqual([503, "close"]);
  const late = await ask(httpUrl, "[demo tokens=3] Hello");
  expect([late.status, (await late.text()).includes('"finish_reason":"stop"')]).toEqual([200, true]);

  const outcomes = await Promise.all(answers);
  expect(await ended).toEqual([0, null]);
  expect(outcomes.filter((outcome) => outcome?.finishReason !== "stop")).toEqual([]);
  expect(new Set(outcomes.map((outcome) => outcome?.text)).size).toBe(1);
  expect(idle.told).toEqual([{ status: "SERVING" }, { status: "NOT_SERVING" }]);
  expect(lines.filter((line) => line.includes("still open"))).toEqual([]);
  const records = recorded(folder, "status, output_tokens as tokens");
  expect(records.filter(({ status, tokens }) => status === "ok" && tokens === 30)).toHaveLength(liveStreams);
  expect(records).toHaveLength(liveStreams + 1);
  idle.close();
  for (const client of clients) client.close();
}, 60_000);

test("a stream that outlives the time that is set ends with unavailable, and is on record so", async () => {
  const served = await serveIn(folder, { SHUTDOWN_DELAY_SECONDS: "0", SHUTDOWN_TIMEOUT_SECONDS: "1" });
  const clients = clientsOf(served);
  const contents: Promise<void>[] = [];
  const answers = clients.map((client) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    contents.push(promise);
    return client.stream(demo("tokens=1000 delay=500"), { onContent: resolve });
  });
  await Promise.all(contents);
  served.child.kill("SIGTERM");
  for (const { error } of await Promise.all(answers)) expect(error).toMatchObject({ code: "unavailable" });
  expect(await served.ended).toEqual([0, null]);
  expect(
    served.lines.filter((line) => line.includes("SHUTDOWN_TIMEOUT_SECONDS gives more time")),
  ).toHaveLength(1);
  expect(recorded(folder, "status, error_code as code")).toEqual(
    clients.map(() => ({ status: "failed", code: "unavailable" })),
  );
  for (const client of clients) client.close();
});

test("a second signal does not wait for the delay", async () => {
  const { child, sees, ended } = await serveIn(folder, { SHUTDOWN_DELAY_SECONDS: "600" });
  child.kill("SIGTERM");
  await sees('"msg":"stopping"');
  // One that follows at once is taken for the same.
  const again = setInterval(() => child.kill("SIGTERM"), 100);
  expect(await ended).toEqual([1, null]);
  clearInterval(again);
});
