// Whatever is known of the targets.

import fc from "fast-check";
import { expect, test } from "vitest";
import { orderTargets } from "../../../../src/core/routing/strategies/order-targets.ts";
import { strategyNames } from "../../../../src/config/strategy-names.ts";
import { candidate, seeded } from "./candidates.ts";

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const amount = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 5 }),
  fc.double({ min: 0, max: 1e12, noNaN: true }),
);

const anyCandidates = fc
  .array(
    fc.record({
      priority: fc.integer({ min: -2, max: 2 }),
      weight: maybe(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true }))),
      inFlight: fc.integer({ min: 0, max: 3 }),
      cold: fc.boolean(),
      expectedMs: maybe(amount),
      expectedNanos: maybe(amount),
    }),
    { maxLength: 8 },
  )
  .map((all) => all.toSorted((a, b) => b.priority - a.priority).map((over, i) => candidate(`p${i}`, over)));

const anyQuestion = fc.record({
  strategy: fc.constantFrom(...strategyNames),
  weights: fc.record({
    latency: fc.double({ min: 1e-9, max: 1e6, noNaN: true }),
    cost: fc.double({ min: 0, max: 1e6, noNaN: true }),
  }),
  candidates: anyCandidates,
  turn: fc.nat(),
  random: fc.integer().map(seeded),
});

test("every target comes once", () => {
  fc.assert(
    fc.property(anyQuestion, (question) => {
      const { targets } = orderTargets(question);
      expect(targets).toHaveLength(question.candidates.length);
      expect(new Set(targets)).toEqual(new Set(question.candidates.map(({ target }) => target)));
    }),
    { numRuns: 500 },
  );
});

test("a choice is told by strategies that measure, with its targets in their order and scores of 0 to 1", () => {
  fc.assert(
    fc.property(anyQuestion, (question) => {
      const { targets, choice } = orderTargets(question);
      const measures = ["least_latency", "lowest_cost", "smart"].includes(question.strategy);
      expect(choice?.strategy).toBe(measures ? question.strategy : undefined);
      if (choice === undefined) return;
      expect(choice.candidates.map(({ provider }) => provider)).toEqual(
        targets.map(({ provider }) => provider.name),
      );
      for (const { score, latency, cost } of choice.candidates) {
        for (const number of [score, latency, cost]) {
          expect(number).toBeGreaterThanOrEqual(0);
          expect(number).toBeLessThanOrEqual(1);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test("but for one that is explored, scores rise, and among equal ones the higher priority comes first", () => {
  fc.assert(
    fc.property(anyQuestion, (question) => {
      const { targets, choice } = orderTargets(question);
      if (choice === undefined) return;
      const ranked = targets.map((target, i) => ({
        priority: target.priority,
        score: choice.candidates[i]?.score ?? -1,
      }));
      const compared = choice.explored ? ranked.slice(1) : ranked;
      for (const [i, one] of compared.entries()) {
        const next = compared[i + 1];
        if (next === undefined) break;
        expect(one.score).toBeLessThanOrEqual(next.score);
        if (one.score === next.score) expect(one.priority).toBeGreaterThanOrEqual(next.priority);
      }
    }),
    { numRuns: 500 },
  );
});
