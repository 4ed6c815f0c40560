import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createVectorIndex,
  type VectorIndexOptions,
} from "../../../../src/core/cache/semantic/vector-index.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const place = { tenantId: "acme", scope: "s" };
const other = { tenantId: "other", scope: "s" };

function openIndex(more: Partial<VectorIndexOptions> = {}) {
  const clock = createManualClock();
  const index = createVectorIndex({ maxEntries: 100, maxBytes: 1_000_000, tenantShare: 0.5, clock, ...more });
  const add = (id: string, vector: readonly number[], at = place, ttlMs = 60_000) =>
    index.add({ place: at, id, vector, expiresAtMs: clock.epochMs() + ttlMs });
  const idsAt = (vector: readonly number[], at = place) =>
    index.nearest(at, vector, { count: 10, atLeast: 0.5 }).map(({ id }) => id);
  return { clock, index, add, idsAt };
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

const cosine = (a: readonly number[], b: readonly number[]): number =>
  dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

const vectors = (dimensions: number) =>
  fc
    .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: dimensions, maxLength: dimensions })
    .filter((vector) => Math.hypot(...vector) > 0.01);

interface Known {
  readonly id: string;
  readonly vector: readonly number[];
}

const byBrute = (known: readonly Known[], query: readonly number[], atLeast: number) =>
  known
    .map(({ id, vector }) => ({ id, similarity: cosine(query, vector) }))
    .filter(({ similarity }) => similarity >= atLeast)
    .sort((a, b) => b.similarity - a.similarity);

const expectNear = (found: number | undefined, wanted: number | undefined) =>
  expect(Math.abs((found ?? 9) - (wanted ?? 9))).toBeLessThan(1e-5);

describe("the index of vectors", () => {
  it("finds what looking at each would find, whatever was added and removed", () => {
    const step = fc.record({ id: fc.integer({ min: 0, max: 30 }).map(String), isAdded: fc.boolean() });
    const run = fc.integer({ min: 1, max: 9 }).chain((dimensions) =>
      fc.record({
        steps: fc.array(fc.tuple(step, vectors(dimensions)), { maxLength: 60 }),
        query: vectors(dimensions),
        atLeast: fc.double({ min: 0.05, max: 0.99, noNaN: true }),
        count: fc.integer({ min: 1, max: 5 }),
      }),
    );
    fc.assert(
      fc.property(run, ({ steps, query, atLeast, count }) => {
        const { index, add } = openIndex();
        const known = new Map<string, readonly number[]>();
        for (const [{ id, isAdded }, vector] of steps) {
          if (isAdded) {
            add(id, vector);
            known.set(id, vector);
          } else {
            index.remove(id);
            known.delete(id);
          }
        }
        expect(index.size).toBe(known.size);
        const all = [...known].map(([id, vector]) => ({ id, vector }));
        const found = index.nearest(place, query, { count, atLeast });
        // What lies at the very edge may be in or not.
        const wanted = byBrute(all, query, atLeast + 1e-5).slice(0, count);
        expect(found.length).toBeGreaterThanOrEqual(wanted.length);
        for (const [at, { similarity }] of wanted.entries()) expectNear(found[at]?.similarity, similarity);
        for (const { id, similarity } of found) expectNear(similarity, cosine(query, known.get(id) ?? []));
      }),
      { numRuns: 300 },
    );
  });

  it("sees one tenant and one scope", () => {
    const { add, idsAt } = openIndex();
    add("a", [1, 0]);
    add("b", [1, 0], other);
    add("c", [1, 0], { ...place, scope: "t" });
    expect(idsAt([1, 0])).toEqual(["a"]);
    expect(idsAt([1, 0], other)).toEqual(["b"]);
    expect(idsAt([1, 0], { tenantId: "none", scope: "s" })).toEqual([]);
  });

  it.each([
    ["no number", [Number.NaN, 1]],
    ["infinite", [Number.POSITIVE_INFINITY, 1]],
    ["zero", [0, 0]],
    ["empty", []],
    ["of another dimension", [1, 0, 0]],
    ["too long", Array.from({ length: 9_000 }, () => 1)],
  ])("refuses one that is %s, and finds nothing for it", (_, vector) => {
    const { index, add, idsAt } = openIndex();
    add("a", [1, 0]);
    expect(add("b", vector)).toBeUndefined();
    expect(add("a", vector)).toBeUndefined();
    expect(idsAt(vector)).toEqual([]);
    expect(index.size).toBe(1);
    expect(idsAt([1, 0])).toEqual(["a"]);
  });

  it("forgets what has expired", () => {
    const { clock, index, add, idsAt } = openIndex();
    add("a", [1, 0], place, 1_000);
    add("b", [1, 0.1], place, 2_000);
    clock.advance(999);
    expect(idsAt([1, 0])).toEqual(["a", "b"]);
    clock.advance(1);
    expect(idsAt([1, 0])).toEqual(["b"]);
    expect(add("c", [1, 0], place, 0)).toBeUndefined();
    expect(add("c", [1, 0])).toEqual(["a"]);
    expect(index.size).toBe(2);
  });

  it("lets the least used go when it is full", () => {
    const { index, add, idsAt } = openIndex({ maxEntries: 3 });
    for (const id of ["a", "b", "c"]) add(id, [1, 0]);
    index.touch("a");
    expect(add("d", [1, 0])).toEqual(["b"]);
    expect(idsAt([1, 0]).sort()).toEqual(["a", "c", "d"]);
  });

  it("is bounded by bytes too", () => {
    const { index, add } = openIndex({ maxBytes: 3 * 8 });
    for (const id of ["a", "b", "c", "d"]) add(id, [1, 0]);
    expect(index.size).toBe(3);
    expect(add("e", [1, 0, 0, 0, 0, 0, 0], other)).toBeUndefined();
    expect(add("e", [1, 0, 0, 0], other)).toEqual(["b", "c"]);
  });

  it("lets a tenant fill it, and makes it give way to others", () => {
    const { index, add, idsAt } = openIndex({ maxEntries: 10, tenantShare: 0.5 });
    for (let at = 0; at < 20; at += 1) add(`a${at}`, [1, 0]);
    expect(index.size).toBe(10);
    for (let at = 0; at < 20; at += 1) add(`b${at}`, [1, 0], other);
    expect(idsAt([1, 0], place)).toHaveLength(5);
    for (let at = 20; at < 100; at += 1) add(`a${at}`, [1, 0]);
    expect(idsAt([1, 0], place)).toHaveLength(5);
    expect(idsAt([1, 0], other)).toHaveLength(5);
  });

  it("keeps no memory of what is gone", () => {
    const { index, add, idsAt } = openIndex();
    for (let at = 0; at < 100; at += 1) add(String(at), [1, at]);
    for (let at = 0; at < 100; at += 1) index.remove(String(at));
    expect(index.size).toBe(0);
    // Its scope is forgotten with it, and may have another dimension.
    expect(add("x", [1, 0, 0])).toEqual([]);
    expect(idsAt([1, 0, 0])).toEqual(["x"]);
  });
});
