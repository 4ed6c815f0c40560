import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embedLimits } from "../../src/core/embed/limits.ts";
import type { EmbedRequest } from "../../src/core/embed/request.ts";
import { validateEmbedRequest } from "../../src/core/embed/validate.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { ProviderError } from "../../src/core/provider-error.ts";
import { createScriptedEmbedder, vectorsOf } from "../support/scripted-embedder.ts";
import { createScriptedProvider, textScript } from "../support/scripted-provider.ts";
import { createTestGateway } from "../support/test-gateway.ts";

const request: EmbedRequest = { inputs: ["one", "two"] };

const down = () =>
  Promise.reject(new ProviderError({ failure: "unavailable", message: "It is down.", httpStatus: 503 }));

const nothing = (): AsyncIterable<never> => ({
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
});

async function failureOf(promise: Promise<unknown>): Promise<GatewayError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof GatewayError) return outcome;
  throw new Error(`expected a GatewayError, got ${String(outcome)}`);
}

describe("embed", () => {
  it("gives the vectors, who made them, and what is known of the call", async () => {
    const { gateway } = createTestGateway({ providers: { first: createScriptedEmbedder() } });
    const reply = await gateway.embed({ ...request, labels: { use_case: "none" } });
    expect(reply.vectors).toEqual(vectorsOf(request).vectors);
    expect(reply).toMatchObject({ provider: "first", model: "scripted-embed-1", id: reply.meta.requestId });
    expect(reply.meta).toMatchObject({ provider: "first", model: "m", attempts: 1 });
  });

  it("is recorded with its usage and without its vectors, and is no chat in the metrics", async () => {
    const { gateway, ledger } = createTestGateway({ providers: { first: createScriptedEmbedder() } });
    await gateway.embed(request);
    expect(ledger.opened).toMatchObject([{ operation: "embed", messageCount: 2, inputChars: 6 }]);
    expect(ledger.opened[0]?.requestBody).toEqual(request);
    expect(ledger.attempts).toMatchObject([{ status: "ok", usage: { input: { total: 8 } } }]);
    expect(ledger.settled).toMatchObject([{ status: "ok", replyBody: { vectors: 2, dimensions: 3 } }]);
    await Promise.resolve();
    expect(gateway.metrics().total_requests).toBe(0);
  });

  it("costs what was read", async () => {
    const prices = { find: () => ({ version: "list/1", inputPicos: 20_000n }) };
    const { gateway, ledger } = createTestGateway({ providers: { first: createScriptedEmbedder() }, prices });
    const { meta } = await gateway.embed(request);
    // 8 tokens at 20,000 picos are 160 nanos.
    expect(meta.costNanos).toBe(160n);
    expect(ledger.attempts[0]).toMatchObject({ costNanos: 160n, priceVersion: "list/1" });
  });

  it("goes on to a target that declares the same vector space", async () => {
    const { gateway } = createTestGateway({
      providers: { first: createScriptedEmbedder(down), second: createScriptedEmbedder() },
      vectorSpaces: { first: "text-embedding-3-small", second: "text-embedding-3-small" },
    });
    expect(await gateway.embed(request)).toMatchObject({ provider: "second", meta: { attempts: 2 } });
  });

  it.each<[string, readonly Float32Array[], string]>([
    ["too few vectors", [Float32Array.of(1)], "The provider gave 1 vectors for 2 inputs."],
    ["too many", [1, 2, 3].map((x) => Float32Array.of(x)), "The provider gave 3 vectors for 2 inputs."],
    ["empty ones", [new Float32Array(), new Float32Array()], "The provider gave an empty vector."],
    [
      "some of another length",
      [Float32Array.of(1), Float32Array.of(1, 2)],
      "The provider gave vectors of several lengths.",
    ],
    ...[Number.NaN, Infinity, -Infinity].map((odd): [string, readonly Float32Array[], string] => [
      `one that holds ${odd}`,
      [Float32Array.of(1, 2), Float32Array.of(1, odd)],
      "The provider gave a vector with what is no finite number.",
    ]),
  ])("takes %s for a broken reply, and goes on", async (_, vectors, message) => {
    const broken = createScriptedEmbedder((asked) => ({ ...vectorsOf(asked), vectors }));
    const { gateway, ledger } = createTestGateway({
      providers: { first: broken, second: createScriptedEmbedder() },
      vectorSpaces: { first: "a", second: "a" },
    });
    expect(await gateway.embed(request)).toMatchObject({ provider: "second" });
    expect(ledger.attempts[0]).toMatchObject({ status: "failed", failure: "broken_reply" });
    const failure = await failureOf(
      createTestGateway({ providers: { first: broken } }).gateway.embed(request),
    );
    expect(failure.attempts).toMatchObject([{ failure: "broken_reply", message }]);
  });

  it("takes a reply without any event for a broken one, and settles the call", async () => {
    const silent = createScriptedEmbedder();
    silent.embed = async () => ({ losses: [], events: nothing() });
    const { gateway, ledger } = createTestGateway({ providers: { first: silent } });
    const failure = await failureOf(gateway.embed(request));
    expect(failure.attempts).toMatchObject([{ failure: "broken_reply" }]);
    expect(ledger.settled).toMatchObject([{ status: "failed" }]);
  });

  it.each([
    ["declares another vector space", { first: "a", second: "b" }],
    ["declares none", { first: "a" }],
    ["declares none, as the first one", {}],
  ])("does not go on to a target that %s", async (_, vectorSpaces) => {
    const second = createScriptedEmbedder();
    const { gateway } = createTestGateway({
      providers: { first: createScriptedEmbedder(down), second },
      vectorSpaces,
    });
    const failure = await failureOf(gateway.embed(request));
    expect(failure.code).toBe("all_providers_failed");
    expect(failure.attempts).toMatchObject([{ provider: "first" }]);
    expect(second.embedCalls).toEqual([]);
  });

  it("passes by a target without embeddings only within the vector space", async () => {
    const providers = {
      first: createScriptedProvider(textScript("no vectors here")),
      second: createScriptedEmbedder(),
    };
    const vectorSpaces = { first: "a", second: "a" };
    expect((await createTestGateway({ providers, vectorSpaces }).gateway.embed(request)).provider).toBe(
      "second",
    );
    const failure = await failureOf(createTestGateway({ providers }).gateway.embed(request));
    expect(failure).toMatchObject({ code: "all_providers_failed" });
    expect(failure.message).toContain("no embeddings");
  });

  it("never lets a foreign target answer, whatever the targets declare", async () => {
    const space = fc.constantFrom(undefined, "a", "b");
    const target = fc.record({ space, down: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(target, { minLength: 1, maxLength: 5 }), async (targets) => {
        const names = targets.map((_, i) => `p${i}`);
        const { gateway } = createTestGateway({
          providers: Object.fromEntries(
            targets.map(({ down: isDown }, i) => [
              names[i] ?? "",
              isDown ? createScriptedEmbedder(down) : createScriptedEmbedder(),
            ]),
          ),
          vectorSpaces: Object.fromEntries(
            targets.flatMap((each, i) => (each.space === undefined ? [] : [[names[i] ?? "", each.space]])),
          ),
        });
        const [first] = targets;
        const able = targets.findIndex(
          (each, i) => !each.down && (i === 0 || (first?.space !== undefined && each.space === first.space)),
        );
        const outcome = await gateway.embed(request).then(
          ({ provider }) => provider,
          (error: unknown) => (error instanceof GatewayError ? error.code : error),
        );
        expect(outcome).toBe(able === -1 ? "all_providers_failed" : names[able]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("validateEmbedRequest", () => {
  const cases: [string, Partial<EmbedRequest>, string | undefined][] = [
    ["texts", {}, undefined],
    ["tokens", { inputs: [[1, 2, 3]] }, undefined],
    ["no input", { inputs: [] }, "inputs"],
    ["too many inputs", { inputs: Array.from({ length: embedLimits.inputs + 1 }, () => "a") }, "inputs"],
    ["an empty text", { inputs: ["a", ""] }, "inputs[1]"],
    ["no tokens", { inputs: [[]] }, "inputs[0]"],
    ["a token that is no number of one", { inputs: [[1, -1]] }, "inputs[0]"],
    ["a broken token", { inputs: [[1.5]] }, "inputs[0]"],
    ["a text that is too long", { inputs: ["a".repeat(embedLimits.inputChars + 1)] }, "inputs[0]"],
    ["no dimensions", { dimensions: 0 }, "dimensions"],
    ["broken dimensions", { dimensions: 1.5 }, "dimensions"],
    ["too many dimensions", { dimensions: embedLimits.dimensions + 1 }, "dimensions"],
    ["a model name without end", { model: "m".repeat(257) }, "model"],
    ["an empty label's key", { labels: { "": "x" } }, "labels"],
  ];

  it.each(cases)("%s", (_, change, field) => {
    let found: string | undefined;
    try {
      validateEmbedRequest({ ...request, ...change });
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      expect(error.code).toBe("invalid_request");
      found = error.field;
    }
    expect(found).toBe(field);
  });
});
