// A tour in some seconds: a gateway before two vendors, one of which breaks. It talks to the gateway as its
// users do; the vendors are demo upstreams, so no key and no network is needed.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ChatService, Role } from "../../generated/proto/sluice/v1/chat_pb.ts";
import { createDemoUpstream, type DemoUpstream } from "../demo/demo-upstream.ts";
import { type GatewayProcess, startGatewayProcess } from "./gateway-process.ts";
import { queryGraphql, subscribeGraphql } from "./graphql-client.ts";

const say = (text: string) => process.stdout.write(text);
const heading = (text: string) => say(`\n\u001b[1m${text}\u001b[0m\n`);

async function streamOverGrpc(gateway: GatewayProcess, question: string): Promise<void> {
  const client = createClient(ChatService, createGrpcTransport({ baseUrl: gateway.grpcUrl }));
  const messages = [{ role: Role.USER, parts: [{ content: { case: "text" as const, value: question } }] }];
  for await (const { event } of client.streamChat({ messages })) {
    if (event.case === "started") say(`  [${event.value.provider}, ${event.value.model}] `);
    if (event.case === "partDelta") say(event.value.text);
    if (event.case === "finished") {
      const { meta } = event.value;
      const cost = meta?.costNanos === undefined ? "unknown" : `$${Number(meta.costNanos) / 1e9}`;
      say(`\n  attempts: ${meta?.attempts}, cost: ${cost}, ${meta?.latencyMs?.toFixed(0)} ms\n`);
    }
  }
}

const subscription = `subscription ($input: ChatInput!) {
  chat(input: $input) {
    kind: __typename
    sequence
    ... on Started { provider model }
    ... on PartDelta { text }
    ... on Finished { reason }
  }
}`;

async function streamOverGraphql(gateway: GatewayProcess, question: string): Promise<void> {
  const input = { messages: [{ role: "USER", parts: [{ text: question }] }] };
  for await (const { chat } of subscribeGraphql(gateway.httpUrl, {
    query: subscription,
    variables: { input },
  })) {
    if (chat.kind === "Started") say(`  [${chat.provider}, ${chat.model}] `);
    if (chat.kind === "PartDelta") say(chat.text ?? "");
    if (chat.kind === "Finished") say(`\n  finished: ${chat.reason}, ${chat.sequence + 1} events\n`);
  }
}

const records = `{ requests(first: 10) { nodes {
  status provider latencyMs costNanos
  attempts { provider model reason status failure httpStatus }
} } }`;

async function showRecords(gateway: GatewayProcess): Promise<void> {
  const { requests } = await queryGraphql(gateway.httpUrl, records);
  for (const { status, provider, costNanos, attempts } of requests.nodes.toReversed()) {
    say(`  ${status.padEnd(7)} by ${provider ?? "nobody"}, ${costNanos ?? "unknown"} nano-dollars\n`);
    for (const attempt of attempts) {
      const cause = attempt.failure === null ? "" : ` (${attempt.failure}, HTTP ${attempt.httpStatus})`;
      say(`    ${attempt.reason}: ${attempt.provider}/${attempt.model} ${attempt.status}${cause}\n`);
    }
  }
}

async function tour(gateway: GatewayProcess, primary: DemoUpstream): Promise<void> {
  heading("1. A backend service streams chat over gRPC");
  await streamOverGrpc(gateway, "Say hello to the backend team");
  heading("2. A web page subscribes over GraphQL: same events, same order");
  await streamOverGraphql(gateway, "Say hello to the web team");
  heading("3. The primary provider breaks (503): the caller notices nothing");
  primary.setFault({ kind: "status", status: 503 });
  await streamOverGrpc(gateway, "Are you still there?");
  heading("4. What the records say: every call, every attempt, its cost");
  await showRecords(gateway);
}

const folder = await mkdtemp(join(tmpdir(), "sluice-demo-"));
const primary = await createDemoUpstream({ models: ["gpt-4o-mini"], tokenDelayMs: 15 });
const backup = await createDemoUpstream({ models: ["claude-haiku-4-5"], tokenDelayMs: 15 });
try {
  const gateway = await startGatewayProcess({
    folder,
    environment: {
      OPENAI_API_KEY: "demo-key",
      OPENAI_BASE_URL: `${primary.url}/v1`,
      OPENAI_MODEL: "gpt-4o-mini",
      OPENAI_PRIORITY: "1",
      ANTHROPIC_API_KEY: "demo-key",
      ANTHROPIC_BASE_URL: backup.url,
      ANTHROPIC_MODEL: "claude-haiku-4-5",
    },
  });
  try {
    await tour(gateway, primary);
  } finally {
    await gateway.stop();
  }
} finally {
  await Promise.all([primary.close(), backup.close()]);
  await rm(folder, { recursive: true, force: true });
}
