import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Embedded, ProviderEmbedded } from "../../../src/core/embed/events.ts";
import { embedOperation } from "../../../src/core/embed/operation.ts";
import { anyMeta, anyNumber, anyText, anyUsage, maybeText } from "../any-reply.ts";
import { keptAsJson } from "../event-json-contract.ts";

const anyVectors = fc
  .integer({ min: 1, max: 5 })
  .chain((length) =>
    fc.array(
      fc.float32Array({ minLength: length, maxLength: length, noNaN: true, noDefaultInfinity: true }),
      { minLength: 1, maxLength: 3 },
    ),
  );

const type = fc.constant("embedded" as const);

const anyEmbedded: fc.Arbitrary<Embedded> = fc.record(
  {
    type,
    id: anyText,
    provider: anyText,
    model: anyText,
    createdAtMs: anyNumber,
    vectors: anyVectors,
    usage: anyUsage,
    meta: anyMeta,
  },
  { requiredKeys: ["type", "id", "provider", "model", "createdAtMs", "vectors", "meta"] },
);

const anyProviderEmbedded: fc.Arbitrary<ProviderEmbedded> = fc.record(
  { type, model: maybeText, vectors: anyVectors, usage: anyUsage },
  { requiredKeys: ["type", "vectors"] },
);

const { events, keptEvents } = embedOperation;

describe("an event with embeddings in JSON", () => {
  keptAsJson(events, anyEmbedded);
});

describe("a provider's event with embeddings in JSON", () => {
  keptAsJson(keptEvents, anyProviderEmbedded);
});

const base64 = (...components: number[]): string =>
  Buffer.from(Float32Array.from(components).buffer).toString("base64");

describe("vectors in JSON", () => {
  it("are base64 of float32, the lowest byte first", () => {
    const event: ProviderEmbedded = { type: "embedded", vectors: [Float32Array.of(1, -2)] };
    // IEEE 754: 1 is 3f800000, -2 is c0000000.
    const bytes = Buffer.from("0000803f000000c0", "hex").toString("base64");
    expect(keptEvents.write(event)).toEqual({ type: "embedded", vectors: [bytes] });
  });

  it("survive where they are longer than a call has arguments, and a piece of a larger buffer", () => {
    const larger = Float32Array.from({ length: 70_000 }, (_, i) => Math.sin(i));
    const event: ProviderEmbedded = { type: "embedded", vectors: [larger.subarray(3, 65_539)] };
    expect(keptEvents.read(keptEvents.write(event))).toEqual(event);
  });

  it.each([
    ["of half a number", ["AAA="]],
    ["of what is no base64", ["????????"]],
    ["with white space", [`${base64(1)}\n`]],
    ["without its padding", [base64(1).replaceAll("=", "")]],
    ["of no length", [""]],
    ["of several lengths", [base64(1), base64(1, 2)]],
    ["of what is no number", [base64(Number.NaN)]],
    ["of what has no end", [base64(Number.POSITIVE_INFINITY)]],
    ["that are numbers", [[1, 2]]],
    ["of which there are none", []],
  ])("are none: %s", (_, vectors) => {
    expect(keptEvents.read({ type: "embedded", vectors })).toBeUndefined();
  });
});
