import { expect, test } from "vitest";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { buildEmbedBatches, joinAnswers, readEmbedAnswer } from "../../../src/providers/gemini/embeddings.ts";

test("each text is a request of its batch", () => {
  const { batches, losses } = buildEmbedBatches(
    { inputs: ["a", "b"], dimensions: 8, purpose: "query" },
    "gemini-embedding-001",
  );
  const common = {
    model: "models/gemini-embedding-001",
    taskType: "RETRIEVAL_QUERY",
    outputDimensionality: 8,
  };
  expect(batches).toEqual([
    {
      requests: [
        { ...common, content: { parts: [{ text: "a" }] } },
        { ...common, content: { parts: [{ text: "b" }] } },
      ],
    },
  ]);
  expect(losses).toEqual([]);
  const [plain] = buildEmbedBatches({ inputs: ["a"], purpose: "document" }, "m").batches;
  expect(JSON.stringify(plain)).toBe(
    '{"requests":[{"model":"models/m","taskType":"RETRIEVAL_DOCUMENT","content":{"parts":[{"text":"a"}]}}]}',
  );
});

test("a hundred texts a batch, in their order", () => {
  const inputs = Array.from({ length: 250 }, (_, i) => `text ${i}`);
  const { batches } = buildEmbedBatches({ inputs }, "m");
  expect(batches.map(({ requests }) => requests.length)).toEqual([100, 100, 50]);
  expect(batches.flatMap(({ requests }) => requests.map((request) => request.content.parts[0].text))).toEqual(
    inputs,
  );
});

test("tokens are refused as the caller's fault", () => {
  expect(() => buildEmbedBatches({ inputs: [[1, 2]] }, "m")).toThrow(
    expect.objectContaining({ name: "ProviderError", failure: "caller_fault" }),
  );
});

test("own options are joined in where the request sets nothing", () => {
  const { batches, losses } = buildEmbedBatches(
    {
      inputs: ["a"],
      purpose: "query",
      providerOptions: {
        gemini: { title: "t", taskType: "CLUSTERING", outputDimensionality: 3, content: {} },
      },
    },
    "m",
  );
  expect(batches[0]?.requests[0]).toEqual({
    model: "models/m",
    taskType: "RETRIEVAL_QUERY",
    content: { parts: [{ text: "a" }] },
    title: "t",
    outputDimensionality: 3,
  });
  expect(losses.map(({ field }) => field)).toEqual([
    "providerOptions.gemini.taskType",
    "providerOptions.gemini.content",
  ]);
});

const answer = (...vectors: readonly unknown[]): string =>
  JSON.stringify({
    embeddings: vectors.map((values) => ({ values })),
    usageMetadata: { promptTokenCount: 4 },
  });

test("vectors in their order, with what was counted where every batch tells it", () => {
  const first = readEmbedAnswer(answer([1, 0.5], [0, 2]), 2);
  const second = readEmbedAnswer(answer([3, 4]), 1);
  expect(joinAnswers([first, second])).toEqual({
    type: "embedded",
    vectors: [Float32Array.of(1, 0.5), Float32Array.of(0, 2), Float32Array.of(3, 4)],
    usage: { input: { total: 8, audio: 0 }, output: { total: 0 }, source: "reported" },
  });
  const silent = readEmbedAnswer('{"embeddings":[{"values":[1,2]}]}', 1);
  expect(joinAnswers([first, silent])).not.toHaveProperty("usage");
});

test.each([
  ["no JSON", "{", 1],
  ["another number of vectors", answer([1]), 2],
  ["no numbers", answer(["a"]), 1],
  ["an empty vector", answer([]), 1],
])("an answer with %s is a broken reply", (_, text, count) => {
  expect(() => readEmbedAnswer(text, count)).toThrow(expect.objectContaining({ failure: "broken_reply" }));
});

test("vectors of different lengths are a broken reply", () => {
  expect(() => joinAnswers([readEmbedAnswer(answer([1], [1, 2]), 2)])).toThrow(ProviderError);
});
