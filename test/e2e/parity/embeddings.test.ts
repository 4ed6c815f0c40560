// Embeddings by every front end: the same vectors, the same account of the call, the same errors, one record.

import { afterEach, describe, expect, test } from "vitest";
import type { EmbedRequest } from "../../../src/core/embed/request.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { createDatabase } from "../../../src/db/database.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedEmbedder, vectorsOf } from "../../support/scripted-embedder.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";
import { createReadableLedger } from "../../support/test-gateway.ts";
import { expectEmbedParity } from "./expect-embed-parity.ts";
import { type ParityGateway, startGateway } from "./parity-gateway.ts";
import { readRecords } from "./read-records.ts";

let parity: ParityGateway | undefined;
afterEach(() => parity?.close());

const model = "openai/text-embedding-3-small";
const request: EmbedRequest = { model, inputs: ["Grüße, 世界", "🦦"] };

describe("vectors", () => {
  const requests: readonly { readonly name: string; readonly request: EmbedRequest }[] = [
    { name: "of texts", request },
    { name: "of tokens", request: { model, inputs: [[1, 0, 100_256], "and text"] } },
    {
      name: "of a wished length, for a purpose, with labels",
      request: {
        ...request,
        dimensions: 5,
        purpose: "document",
        labels: { team: "blue", use_case: "search" },
      },
    },
    { name: "of a question", request: { ...request, purpose: "query" } },
    { name: "of as many texts as are allowed", request: { model, inputs: Array(2_048).fill("a") } },
  ];

  test.each(requests)("$name", async ({ request: asked }) => {
    const embedder = createScriptedEmbedder();
    parity = await startGateway({ openai: embedder });
    const library = await expectEmbedParity(parity, {
      request: asked,
      words: { correlationId: "caller's own id 7" },
      sentUpstream: () => embedder.embedCalls.at(-1)?.request,
    });
    expect(embedder.embedCalls[0]).toMatchObject({ request: asked, context: { delivery: "unary" } });
    const tokens = 4 * asked.inputs.length;
    expect(library).toMatchObject({
      vectors: vectorsOf(asked).vectors.map((vector) => Array.from(vector)),
      answered: { provider: "openai", model: "scripted-embed-1" },
      usage: { input: { total: tokens }, output: { total: 0 }, source: "reported" },
      meta: {
        correlationId: "caller's own id 7",
        provider: "openai",
        model: "text-embedding-3-small",
        modelServed: "scripted-embed-1",
        attempts: 1,
        // 20 nano-dollars a token.
        costNanos: BigInt(tokens * 20),
        losses: [],
      },
    });
  });

  // On the OpenAI face a vendor's own fields stand at the top of the body and go to the whole family.
  test("with options of a provider's own", async () => {
    const embedder = createScriptedEmbedder();
    parity = await startGateway({ openai: embedder });
    const providerOptions = { openai: { user: "u-1", nested: { deep: [1, null] } } };
    const sentUpstream = () => embedder.embedCalls.at(-1)?.request;
    await expectEmbedParity(parity, {
      request: { ...request, providerOptions },
      sentUpstream,
      without: ["OpenAI", "openai npm"],
    });
    expect(sentUpstream()).toMatchObject({ providerOptions });
  });

  test("whose usage the vendor does not tell", async () => {
    const embedder = createScriptedEmbedder((asked) => ({ ...vectorsOf(asked), usage: undefined }));
    parity = await startGateway({ openai: embedder });
    const { usage, meta, vectors } = await expectEmbedParity(parity, { request });
    expect(vectors).toHaveLength(2);
    // What is paid goes by their length then.
    expect([usage, meta?.costNanos]).toEqual([undefined, 100n]);
  });
});

const fail = () => {
  throw new Error("the disk of db-7 is full");
};

/** The fields in OpenAI's words. */
const fieldWords = {
  inputs: "input",
  "inputs[0]": "input[0]",
  "inputs[1]": "input[1]",
  "labels.team": "metadata.team",
  "labels.tenant": "metadata.tenant",
};

describe("errors", () => {
  const wrong: readonly { readonly name: string; readonly request: EmbedRequest; readonly field: string }[] =
    [
      { name: "no inputs", request: { model, inputs: [] }, field: "inputs" },
      { name: "an empty text", request: { model, inputs: ["", "b"] }, field: "inputs[0]" },
      { name: "a text without tokens", request: { model, inputs: ["a", []] }, field: "inputs[1]" },
      { name: "a negative token", request: { model, inputs: [[5, -1]] }, field: "inputs[0]" },
      { name: "too many inputs", request: { model, inputs: Array(2_049).fill("a") }, field: "inputs" },
      { name: "no dimensions", request: { ...request, dimensions: 0 }, field: "dimensions" },
      { name: "an unknown model", request: { ...request, model: "nobody/knows" }, field: "model" },
      {
        name: "a label that is too long",
        request: { ...request, labels: { team: "x".repeat(2_000) } },
        field: "labels.team",
      },
      {
        name: "a tenant that is no slug",
        request: { ...request, labels: { tenant: "A B" } },
        field: "labels.tenant",
      },
    ];

  test.each(wrong)("invalid_request: $name", async ({ request: asked, field }) => {
    const embedder = createScriptedEmbedder();
    parity = await startGateway({ openai: embedder });
    const { error } = await expectEmbedParity(parity, { request: asked, fieldWords });
    expect(error).toMatchObject({ code: "invalid_request", field, attempts: [] });
    expect(embedder.embedCalls).toHaveLength(0);
  });

  test("all_providers_failed: a provider without embeddings, and nobody stands in for it", async () => {
    const ledger = createReadableLedger();
    parity = await startGateway({ openai: createScriptedProvider(), ledger });
    const { error, meta } = await expectEmbedParity(parity, { request: { inputs: ["a"] } });
    expect(error).toMatchObject({
      code: "all_providers_failed",
      attempts: [{ provider: "openai", failure: "model_unavailable" }],
    });
    expect(meta).toMatchObject({ attempts: 1, route: "default" });
    expect(new Set(ledger.attempts.map(({ provider }) => provider))).toEqual(new Set(["openai"]));
  });

  test("all_providers_failed: a provider at its limit says when", async () => {
    // Longer than a call waits for it.
    const retryAfterMs = 70_000;
    const refuse = new ProviderError({
      failure: "rate_limited",
      message: "Slow down.",
      httpStatus: 429,
      retryAfterMs,
    });
    const clock = createManualClock();
    parity = await startGateway({
      clock,
      openai: createScriptedEmbedder(() => {
        throw refuse;
      }),
    });
    // It is asked again when the time is over.
    const before = () => clock.advance(retryAfterMs);
    const { error } = await expectEmbedParity(parity, { request, before });
    expect(error).toMatchObject({
      code: "all_providers_failed",
      retryAfterMs,
      attempts: [{ failure: "rate_limited", httpStatus: 429 }],
    });
  });

  test("internal: shows nothing of its cause", async () => {
    parity = await startGateway({
      openai: createScriptedEmbedder(),
      ledger: { open: fail, attempt() {}, settle() {} },
    });
    const { error } = await expectEmbedParity(parity, { request });
    expect(error?.code).toBe("internal");
    expect(error?.message).not.toContain("disk");
  });

  test("unauthenticated: no key", async () => {
    parity = await startGateway({ openai: createScriptedEmbedder(), apiKeys: "a-key-of-the-tenant-default" });
    // A websocket is refused at its door, as for chats, and so is the official client's key that is none.
    for (const { name, embed } of parity.clients) {
      const { error } = await embed(request);
      expect(error?.code, name).toBe("unauthenticated");
    }
    const { vectors } = await expectEmbedParity(parity, {
      request,
      words: { credential: "a-key-of-the-tenant-default" },
    });
    expect(vectors).toHaveLength(2);
  });
});

test("every call has one record: the operation, its inputs, its usage and its cost", async () => {
  const database = await createDatabase({
    url: "sqlite::memory:",
    bodyKeepMaxBytes: 1_000,
    queueMax: 1_000,
    clock: systemClock,
    warn() {},
  });
  const { ledger, records } = database;
  parity = await startGateway({ openai: createScriptedEmbedder(), ledger, records });
  await expectEmbedParity(parity, { request });
  const read = await readRecords(parity.baseUrl);
  await database.close();
  expect(read).toHaveLength(parity.clients.length);
  const usage = {
    input: { total: "8", uncached: "8", cacheRead: null, cacheWrite: null, audio: null },
    output: { total: "0", text: "0", reasoning: null, audio: null },
    source: "REPORTED",
  };
  for (const record of read) {
    expect(record).toMatchObject({
      operation: "embed",
      status: "OK",
      delivery: "UNARY",
      messageCount: 2,
      provider: "openai",
      finishReason: null,
      usage,
      costNanos: "160",
      attemptCount: 1,
      attempts: [{ status: "OK", provider: "openai", usage, costNanos: "160" }],
    });
  }
});
