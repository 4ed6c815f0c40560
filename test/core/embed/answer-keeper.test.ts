import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../src/core/canonical-json.ts";
import type { Embedded } from "../../../src/core/embed/events.ts";
import { embedOperation } from "../../../src/core/embed/operation.ts";
import type { EmbedRequest } from "../../../src/core/embed/request.ts";
import { heldBytes } from "../../support/held-bytes.ts";

const request: EmbedRequest = { inputs: ["one", "two"] };
const usage = { input: { total: 2 }, output: { total: 0 }, source: "reported" } as const;
const meta = { requestId: "r", attempts: 1, cacheStatus: "miss", losses: [] } as const;

const embedded = (vectors: readonly Float32Array[]): Embedded => ({
  type: "embedded",
  id: "id",
  provider: "first",
  model: "served",
  createdAtMs: 1,
  vectors,
  usage,
  meta,
});

describe("kept embeddings", () => {
  it("are the provider's event", () => {
    const keeper = embedOperation.keeper(request, 10_000);
    expect(keeper.kept()).toBeUndefined();
    keeper.add(embedded([Float32Array.of(1, 2), Float32Array.of(3, 4)]));
    expect(keeper.kept()?.events).toEqual([
      { type: "embedded", model: "served", vectors: [Float32Array.of(1, 2), Float32Array.of(3, 4)], usage },
    ]);
  });

  it("do not change with the caller's, and hold no larger buffer", () => {
    const buffer = Float32Array.from({ length: 100 }, () => 1);
    const keeper = embedOperation.keeper(request, 10_000);
    keeper.add(embedded([buffer.subarray(0, 2)]));
    buffer[0] = 9;
    const vector = keeper.kept()?.events[0]?.vectors[0];
    expect(vector).toEqual(Float32Array.of(1, 1));
    expect(vector?.buffer.byteLength).toBe(8);
  });

  it("are none that take more than is allowed", () => {
    const keeper = embedOperation.keeper(request, 10_000);
    keeper.add(embedded([new Float32Array(3_000)]));
    expect(keeper.kept()).toBeUndefined();
  });

  it("take about what they say", async () => {
    const before = await heldBytes();
    const keepers = Array.from({ length: 100 }, (_, i) => {
      const keeper = embedOperation.keeper(request, 1_000_000);
      keeper.add(embedded([new Float32Array(1_536).fill(i), new Float32Array(1_536).fill(i)]));
      return keeper;
    });
    const held = (await heldBytes()) - before;
    const said = keepers.reduce((sum, keeper) => sum + (keeper.kept()?.bytes ?? 0), 0);
    expect(said).toBeGreaterThan(held * 0.8);
    expect(said).toBeLessThan(held * 2);
  });
});

const identity = (asked: EmbedRequest): string => canonicalJson(embedOperation.identity(asked));

describe("what tells one request for embeddings from another", () => {
  it("is neither the model nor labels nor what is empty", () => {
    const same = { ...request, model: "m", labels: { a: "b" }, dimensions: undefined, providerOptions: {} };
    expect(identity(same)).toBe(identity(request));
  });

  it.each<[string, EmbedRequest]>([
    ["the texts", { inputs: ["one"] }],
    ["their order", { inputs: ["two", "one"] }],
    ["tokens in place of a text", { inputs: ["one", [2]] }],
    ["the vectors' length", { ...request, dimensions: 3 }],
    ["the purpose", { ...request, purpose: "query" }],
    ["provider options", { ...request, providerOptions: { first: { x: 1 } } }],
  ])("is %s", (_, other) => {
    expect(identity(other)).not.toBe(identity(request));
  });

  it("fixes the answer", () => {
    expect(embedOperation.deterministic(request)).toBe(true);
  });
});
