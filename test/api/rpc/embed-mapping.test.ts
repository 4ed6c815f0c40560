import { fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { EmbedRequestSchema, EmbedResponseSchema } from "../../../generated/proto/sluice/v1/embedding_pb.ts";
import { fromEmbedded, toEmbedRequest } from "../../../src/api/rpc/embed-mapping.ts";
import type { Embedded } from "../../../src/core/embed/events.ts";
import { meta } from "./failing-gateway.ts";

test("every field of a request comes over", () => {
  const message = fromJson(EmbedRequestSchema, {
    model: "openai/text-embedding-3-small",
    inputs: [{ text: "Hello" }, { tokens: { ids: [1, 0, 100_256] } }, { text: "" }, { tokens: {} }],
    dimensions: 256,
    purpose: "EMBED_PURPOSE_QUERY",
    labels: { team: "blue" },
    providerOptions: { openai: { user: "u-1", deep: [1, null] } },
  });
  expect(toEmbedRequest(message)).toEqual({
    model: "openai/text-embedding-3-small",
    inputs: ["Hello", [1, 0, 100_256], "", []],
    dimensions: 256,
    purpose: "query",
    labels: { team: "blue" },
    providerOptions: { openai: { user: "u-1", deep: [1, null] } },
  });
});

test("what is empty is absent", () => {
  const message = fromJson(EmbedRequestSchema, { inputs: [{ text: "a" }] });
  expect(Object.entries(toEmbedRequest(message)).filter(([, value]) => value !== undefined)).toEqual([
    ["inputs", ["a"]],
  ]);
});

test("documents", () => {
  const message = fromJson(EmbedRequestSchema, { purpose: "EMBED_PURPOSE_DOCUMENT" });
  expect(toEmbedRequest(message).purpose).toBe("document");
});

test("an input of no kind is refused by its place", () => {
  const message = fromJson(EmbedRequestSchema, { inputs: [{ text: "a" }, {}] });
  expect(() => toEmbedRequest(message)).toThrow(
    expect.objectContaining({
      code: "invalid_request",
      field: "inputs[1]",
      message: expect.stringContaining("exactly one of text and tokens, not none"),
    }),
  );
});

const embedded: Embedded = {
  type: "embedded",
  id: "id-1",
  provider: "first",
  model: "m-2026",
  createdAtMs: 1_750_000_000_123,
  vectors: [Float32Array.of(0.5, -1e-7), Float32Array.of(1, 2)],
  usage: { input: { total: 8, uncached: 8 }, output: { total: 0 }, source: "reported" },
  meta,
};

test("a reply comes over whole", () => {
  const sent = toBinary(EmbedResponseSchema, fromEmbedded(embedded));
  expect(toJson(EmbedResponseSchema, fromBinary(EmbedResponseSchema, sent))).toMatchObject({
    id: "id-1",
    provider: "first",
    model: "m-2026",
    createdAt: "2025-06-15T15:06:40.123Z",
    vectors: [{ values: [0.5, Math.fround(-1e-7)] }, { values: [1, 2] }],
    usage: { input: { total: "8", uncached: "8" }, output: { total: "0" }, source: "USAGE_SOURCE_REPORTED" },
    meta: { requestId: "id-1", attempts: 2, costNanos: "1500" },
  });
});

test("a usage that the vendor did not tell is absent", () => {
  expect(fromEmbedded({ ...embedded, usage: undefined }).usage).toBeUndefined();
});

const bytesOf = (dimensions: number) =>
  toBinary(
    EmbedResponseSchema,
    fromEmbedded({ ...embedded, vectors: [new Float32Array(dimensions).fill(1)] }),
  );

test("vectors of any length come back bit by bit, four bytes a component", () => {
  fc.assert(
    fc.property(fc.array(fc.float32Array({ maxLength: 64 }), { maxLength: 4 }), (vectors) => {
      const sent = toBinary(EmbedResponseSchema, fromEmbedded({ ...embedded, vectors }));
      const received = fromBinary(EmbedResponseSchema, sent);
      expect(received.vectors.map(({ values }) => Float32Array.from(values))).toEqual(vectors);
    }),
  );
  expect(bytesOf(2_000).length - bytesOf(1_000).length).toBe(4_000);
});
