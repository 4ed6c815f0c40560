// An answer that breaks off at one vendor and goes on at another, through the real adapters of both: wherever it
// breaks off, the two halves are the whole.

import { afterAll, beforeAll, expect, test } from "vitest";
import { ChatProgress, RepeatedStart } from "../../src/core/chat/continuation.ts";
import type { ProviderChatEvent } from "../../src/core/chat/events.ts";
import type { ChatRequest } from "../../src/core/chat/request.ts";
import type { Provider } from "../../src/core/provider.ts";
import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { configurationOf, createGateway } from "../../src/gateway.ts";
import { createAnthropicProvider } from "../../src/providers/anthropic/index.ts";
import { createOpenAiProvider } from "../../src/providers/openai/chat/index.ts";
import { openAiMember } from "../../src/providers/openai/chat/members.ts";
import { withDemoUpstream } from "../../src/with-demo-upstream.ts";

let upstream: DemoUpstream;
let first: Provider;
let second: Provider;
beforeAll(async () => {
  upstream = await createDemoUpstream();
  first = createOpenAiProvider({ member: openAiMember, apiKey: "k", baseUrl: `${upstream.url}/v1` });
  second = createAnthropicProvider({ apiKey: "k", baseUrl: upstream.url });
});
afterAll(async () => {
  await first.close?.();
  await second.close?.();
  await upstream.close();
});

const request: ChatRequest = {
  messages: [{ role: "user", parts: [{ type: "text", text: "Grüß dich 👋🏽 世界!\n\n  Und du?" }] }],
};

async function eventsOf(provider: Provider, asked: ChatRequest): Promise<readonly ProviderChatEvent[]> {
  const { signal } = new AbortController();
  const events: ProviderChatEvent[] = [];
  const reply = await provider.chat(asked, { model: "demo-chat", delivery: "streamed", signal });
  for await (const event of reply.events) events.push(event);
  return events;
}

const deltasOf = (events: readonly ProviderChatEvent[]): readonly string[] =>
  events.flatMap((event) => (event.type === "part_delta" ? [event.text] : []));

test("the halves are the whole, wherever it breaks off", async () => {
  const deltas = deltasOf(await eventsOf(first, request));
  const whole = deltas.join("");
  expect(deltas.length).toBeGreaterThan(10);
  for (let end = 1; end < whole.length; end += 1) {
    const progress = new ChatProgress();
    progress.add({ type: "part_started", index: 0, part: { kind: "text" } });
    progress.add({ type: "part_delta", index: 0, text: whole.slice(0, end) });
    const continuation = progress.continuation(request);
    if (continuation === undefined) throw new Error(`It cannot go on behind ${whole.slice(0, end)}.`);
    const repeated = new RepeatedStart(continuation.trimmed);
    const rest = deltasOf(await eventsOf(second, continuation.request)).map((text) => repeated.newOf(text));
    expect(whole.slice(0, end) + rest.join("")).toBe(whole);
  }
});

test("of the demo's providers the one that can go on is known to", async () => {
  const demo = await withDemoUpstream(
    configurationOf({ DATABASE_URL: "sqlite::memory:", LOG_LEVEL: "silent" }),
  );
  const gateway = await createGateway(demo.configuration);
  const principal = await gateway.access.authenticate({
    credential: undefined,
    remoteAddress: "127.0.0.1",
    host: undefined,
    origin: undefined,
  });
  const models = await gateway.settings.models(principal);
  expect(models.filter(({ capabilities }) => capabilities?.prefill === true).map(({ id }) => id)).toEqual([
    "demo-backup/demo-chat",
  ]);
  await gateway.close();
  await demo.upstream.close();
});
