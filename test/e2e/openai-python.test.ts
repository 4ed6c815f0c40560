// OpenAI's Python client is the other judge of the OpenAI face: openai_python.py holds what it is to see.

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOpenAiFrontEnd } from "../../src/api/openai/openai-front-end.ts";
import { type ListeningServer, startHttpServer } from "../../src/api/http-server.ts";
import type { ProviderChatEvent } from "../../src/core/chat/events.ts";
import type { EmbedRequest } from "../../src/core/embed/request.ts";
import type { ProviderEmbedded } from "../../src/core/embed/events.ts";
import type { Gateway } from "../../src/core/gateway.ts";
import type { Provider } from "../../src/core/provider.ts";
import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { configurationOf, createGateway } from "../../src/gateway.ts";
import { systemClock } from "../../src/system-clock.ts";
import { withLogprobs } from "../api/openai/scripts.ts";
import { pythonWith, run } from "../support/python.ts";
import { createScriptedProvider, type Script, type ScriptedProvider } from "../support/scripted-provider.ts";
import { continued, restarted, streaming } from "../support/seam-events.ts";
import { createTestGateway } from "../support/test-gateway.ts";

const packageVersion = "3.54.0";
const checks = fileURLToPath(new URL("openai_python.py", import.meta.url));

let upstream: DemoUpstream;
let gateway: Gateway;
const servers: ListeningServer[] = [];
const addresses: string[] = [];
let proven: ScriptedProvider;
let python: string;

beforeAll(async () => {
  python = await pythonWith("openai", packageVersion);
  upstream = await createDemoUpstream();
  gateway = await createGateway(
    configurationOf({
      DATABASE_URL: "sqlite::memory:",
      LOG_LEVEL: "silent",
      OPENAI_API_KEY: "demo-key",
      OPENAI_BASE_URL: `${upstream.url}/v1`,
      OPENAI_MODEL: "demo-chat",
    }),
  );
  addresses.push(await serve(gateway));
  proven = createScriptedProvider(provenAnswer());
  const scripted = createTestGateway({ providers: { acme: byQuestion() } });
  addresses.push(await serve(scripted.gateway));
  for (const events of [continued, restarted])
    addresses.push(await serve(streaming(events)(scripted.gateway)));
}, 240_000);

afterAll(async () => {
  for (const server of servers) await server.close();
  await gateway.close();
  await upstream.close();
});

test("the Python client sees what openai_python.py expects", { timeout: 60_000 }, async () => {
  const { code, output } = await run(python, [checks, ...addresses]);
  expect(code, output).toBe(0);
  expect(output).toContain("OK");
});

test("the Python client gives reasoning and proofs back as they were", () => {
  const answers = proven.calls.filter(({ request }) => request.messages.length === 3);
  expect(answers.map(({ context }) => context.delivery)).toEqual(["unary", "unary"]);
  for (const { request } of answers) {
    expect(JSON.parse(JSON.stringify(request.messages[1]?.parts))).toEqual([
      { type: "reasoning", text: "A. ", signature: "s1", vendor: "anthropic" },
      { type: "reasoning", text: "B.", signature: "s2", vendor: "anthropic" },
      {
        type: "tool_call",
        id: "call_a",
        name: "now",
        argumentsJson: "{}",
        signature: "t1",
        vendor: "gemini",
      },
    ]);
  }
});

async function serve(served: Gateway): Promise<string> {
  const frontEnds = [createOpenAiFrontEnd({ gateway: served, maxBodyBytes: 1_000_000, clock: systemClock })];
  const server = await startHttpServer({ host: "127.0.0.1", port: 0, clock: systemClock, frontEnds });
  servers.push(server);
  return `http://127.0.0.1:${server.port}/v1`;
}

/** Answers by the first question of a conversation. */
function byQuestion(): Provider {
  const logprobs = createScriptedProvider(withLogprobs);
  return {
    chat(request, context) {
      const [part] = request.messages[0]?.parts ?? [];
      const asked = part?.type === "text" && part.text === "proven" ? proven : logprobs;
      return asked.chat(request, context);
    },
    embed: async (request) => ({ losses: [], events: embedded(request) }),
  };
}

async function* embedded({ inputs }: EmbedRequest): AsyncGenerator<ProviderEmbedded> {
  yield {
    type: "embedded",
    vectors: inputs.map(() => Float32Array.of(0.5, -2)),
    usage: { input: { total: 7 }, output: { total: 0 }, source: "reported" },
  };
}

const provenReasoning = (index: number, texts: readonly string[]): ProviderChatEvent[] => [
  { type: "part_started", index, part: { kind: "reasoning" } },
  ...texts.map((text): ProviderChatEvent => ({ type: "part_delta", index, text })),
  { type: "part_finished", index, signature: `s${index + 1}`, vendor: "anthropic" },
];

/** Two pieces of reasoning and a tool call, each with its proof. */
function provenAnswer(): Script {
  return {
    steps: [
      { type: "started" },
      ...provenReasoning(0, ["A", ". "]),
      ...provenReasoning(1, ["B", "."]),
      { type: "part_started", index: 2, part: { kind: "tool_call", id: "call_a", name: "now" } },
      { type: "part_delta", index: 2, text: "{}" },
      { type: "part_finished", index: 2, signature: "t1", vendor: "gemini" },
      { type: "finished", reason: "tool_calls" },
    ],
  };
}
