// Each recording over a real server, through the providers as the gateway makes them.

import { expect } from "vitest";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { ProviderEmbedded } from "../../../src/core/embed/events.ts";
import type { Provider } from "../../../src/core/provider.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import { expectRun } from "./expect-run.ts";
import { at } from "./json-view.ts";
import { startReplayServer } from "./replay-server.ts";
import type { ReplayServer, SeenRequest } from "./replay-server.ts";
import { runOf } from "./run.ts";
import type { RequestMeaning, Vendor } from "./vendor.ts";

export interface Replay {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Whether the recorded answer is read right. */
  answer(recorded: RecordedCase, vendor: Vendor): Promise<void>;
  /** Whether what is sent for the recorded request's meaning is what was recorded. */
  ask(
    recorded: RecordedCase,
    as: { readonly vendor: Vendor; readonly meaning: RequestMeaning },
  ): Promise<void>;
  embed(recorded: RecordedCase, vendor: Vendor): Promise<void>;
  listModels(recorded: RecordedCase, vendor: Vendor): Promise<void>;
}

const hello: ChatRequest = {
  messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }],
  maxOutputTokens: 64,
};

const context = (model: string, stream: boolean) => ({
  model,
  delivery: stream ? ("streamed" as const) : ("unary" as const),
  signal: new AbortController().signal,
});

export function createReplay(): Replay {
  const providers = new Map<Vendor, Provider>();
  let started: ReplayServer | undefined;

  function serverWith(recorded: RecordedCase): ReplayServer {
    if (started === undefined) throw new Error("the replay server has not been started");
    started.answerWith(recorded);
    started.seen.length = 0;
    return started;
  }

  function providerOf(vendor: Vendor, server: ReplayServer): Provider {
    const provider = providers.get(vendor) ?? vendor.provider(server.origin);
    providers.set(vendor, provider);
    return provider;
  }

  return {
    async start() {
      started = await startReplayServer();
    },
    async stop() {
      for (const provider of providers.values()) await provider.close?.();
      await started?.[Symbol.asyncDispose]();
    },
    async answer(recorded, vendor) {
      const server = serverWith(recorded);
      const provider = providerOf(vendor, server);
      const run = await runOf(async () => {
        const reply = await provider.chat(hello, context("a-model", recorded.stream));
        expect(reply.httpStatus).toBe(recorded.status);
        const id = recorded.headers[vendor.requestIdHeader];
        if (id !== undefined) expect(reply.upstreamRequestId).toBe(id);
        return reply.events;
      });
      expectChat(onlyRequest(server), recorded, vendor);
      expectRun(run, vendor.expect(recorded));
    },
    async ask(recorded, { vendor, meaning }) {
      const server = serverWith(recorded);
      const provider = providerOf(vendor, server);
      await runOf(
        async () => (await provider.chat(meaning.request, context(meaning.model, recorded.stream))).events,
      );
      const request = onlyRequest(server);
      expectChat(request, recorded, vendor);
      expect(request.body).toEqual(meaning.body);
    },
    async embed(recorded, vendor) {
      const expected = vendor.expectEmbedding?.(recorded);
      if (expected === undefined) throw new Error("the format does not say what embeddings must give");
      const provider = providerOf(vendor, serverWith(recorded));
      const inputs = expected.vectors.map((_, i) => `text ${i}`);
      const reply = await provider.embed?.({ inputs }, context("a-model", false));
      const events: ProviderEmbedded[] = [];
      for await (const told of reply?.events ?? []) events.push(told);
      const [event, ...more] = events;
      expect(more).toEqual([]);
      expect(event?.model).toBe(expected.model);
      expect(event?.usage?.input.total).toBe(expected.inputTokens);
      expect(event?.vectors).toEqual(expected.vectors.map((vector) => Float32Array.from(vector)));
    },
    async listModels(recorded, vendor) {
      const provider = providerOf(vendor, serverWith(recorded));
      const models = (await provider.listModels?.(new AbortController().signal)) ?? [];
      expect(models.map(({ id }) => id)).toEqual(vendor.expectModels?.(recorded));
    },
  };
}

function expectChat({ method, path, body }: SeenRequest, { stream }: RecordedCase, vendor: Vendor): void {
  expect(method).toBe("POST");
  expect(path).toMatch(vendor.path(stream));
  const told = vendor.path(true).source !== vendor.path(false).source;
  if (!told) expect(at(body, "stream") ?? false).toBe(stream);
}

function onlyRequest({ seen }: ReplayServer): SeenRequest {
  const [request, ...more] = seen;
  if (request === undefined || more.length > 0) throw new Error(`${seen.length} requests were sent, not 1`);
  return request;
}
