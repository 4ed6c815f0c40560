// A gateway that answers by meaning: its one provider gives chats and vectors, as a test says.

import type { CacheControl, CallOptions } from "../../../../src/core/call.ts";
import { createSemanticCache } from "../../../../src/core/cache/semantic/semantic-cache.ts";
import type { SemanticPolicy } from "../../../../src/core/cache/semantic/semantic-policy.ts";
import type { RouteSemanticReport } from "../../../../src/core/cache/semantic/semantic-report.ts";
import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import type { ProviderEmbedded } from "../../../../src/core/embed/events.ts";
import type { EmbedRequest } from "../../../../src/core/embed/request.ts";
import { createOpenCalls } from "../../../../src/core/open-calls.ts";
import type { Price } from "../../../../src/core/pricing/price.ts";
import type { AttemptContext } from "../../../../src/core/provider.ts";
import type { Settlement } from "../../../../src/core/usage/ledger.ts";
import { createMemoryAnswers } from "../../../../src/stores/memory/memory-answers.ts";
import { createMemorySemantics } from "../../../../src/stores/memory/memory-semantics.ts";
import { digest } from "../../../support/digest.ts";
import { createManualClock, type ManualClock } from "../../../support/manual-clock.ts";
import { createScriptedEmbedder } from "../../../support/scripted-embedder.ts";
import { type Script, textScript } from "../../../support/scripted-provider.ts";
import { createTestGateway, type TestGatewayOptions } from "../../../support/test-gateway.ts";

export const question = "What is the capital of France?";
/** Near it, and the same. */
export const reworded = "What's the capital of France";

/** By the letters of a text: near for near texts. */
export function lettersOf(text: string): Float32Array {
  const vector = new Float32Array(26);
  for (const letter of text.toLowerCase()) {
    const at = letter.charCodeAt(0) - 97;
    if (at >= 0 && at < 26) vector[at] = (vector[at] ?? 0) + 1;
  }
  return vector;
}

export const vectorOf = (vector: Float32Array): ProviderEmbedded => ({
  type: "embedded",
  model: "letters-1",
  vectors: [vector],
  usage: { input: { total: 7, uncached: 7 }, output: { total: 0, text: 0 }, source: "reported" },
});

const byLetters = ({ inputs: [text] }: EmbedRequest): ProviderEmbedded =>
  vectorOf(lettersOf(typeof text === "string" ? text : ""));

/** 2,000 nano-dollars a token read, 10,000 a token written. */
export const price: Price = { version: "test-1", inputPicos: 2_000_000n, outputPicos: 10_000_000n };
export const embeddingNanos = 14_000n;

type Embedding = (request: EmbedRequest, context: AttemptContext) => ProviderEmbedded | Promise<never>;

export interface ByMeaning extends Omit<TestGatewayOptions, "clock" | "answers" | "openCalls" | "providers"> {
  readonly policy?: Partial<SemanticPolicy>;
  readonly embedding?: Embedding;
  readonly scripts?: readonly Script[];
  readonly parts?: (clock: ManualClock) => Pick<TestGatewayOptions, "limits" | "budgetStore">;
}

const megabyte = 1_048_576;

export function meaningGateway({
  policy,
  embedding = byLetters,
  scripts = ["Paris", "Rome", "Oslo"].map((text) => textScript(text)),
  parts,
  ...options
}: ByMeaning = {}) {
  const clock = createManualClock();
  const openCalls = createOpenCalls();
  const provider = createScriptedEmbedder(embedding, ...scripts);
  const answers = createMemoryAnswers({ maxEntries: 100, maxBytes: 64 * megabyte, clock });
  const store = createMemorySemantics({ clock });
  const semantic: SemanticPolicy = {
    embedding: { provider: "p", model: "e" },
    threshold: 0.95,
    mode: "serve",
    ...policy,
  };
  const made = createTestGateway({
    prices: { find: () => price },
    cache: { mode: "all", ttlSeconds: 3_600 },
    routePolicy: { cache: { semantic } },
    ...options,
    ...parts?.(clock),
    providers: { p: provider },
    answers: {
      cache: answers,
      maxBytes: megabyte,
      semantic: createSemanticCache({ store, answers, clock, digest }),
    },
    openCalls,
    clock,
  });
  const { gateway, ledger } = made;
  const settled = (id: string): Settlement | undefined => ledger.settled.find((each) => each.id === id);
  return {
    ...made,
    clock,
    provider,
    store,
    openCalls,
    settled,
    /** Gives what it heard, and how. */
    ask: async (text: string, more: Partial<ChatRequest> = {}, callOptions: Partial<CallOptions> = {}) => {
      const reply = await gateway.chat({ ...asking(text), ...more }, callOptions);
      const [part] = reply.parts;
      const heard = part?.kind === "text" ? part.text : undefined;
      return { heard, status: reply.meta.cacheStatus, meta: reply.meta, id: reply.meta.requestId };
    },
    route: (): RouteSemanticReport | undefined => gateway.semanticCacheReport().routes[0],
  };
}

export const asking = (text: string): ChatRequest => ({
  messages: [
    { role: "system", parts: [{ type: "text", text: "Answer with one word." }] },
    { role: "user", parts: [{ type: "text", text }] },
  ],
});

export const control = (cacheControl: Partial<CacheControl>): Partial<CallOptions> => ({
  cacheControl: { mode: "default", ...cacheControl },
});
