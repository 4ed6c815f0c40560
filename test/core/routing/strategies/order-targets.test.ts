import { describe, expect, it } from "vitest";
import {
  orderTargets,
  type OrderQuestion,
  type Ordering,
} from "../../../../src/core/routing/strategies/order-targets.ts";
import { candidate, namesOf, seeded } from "./candidates.ts";

const never = () => {
  throw new Error("No chance is taken here.");
};

const order = (over: Partial<OrderQuestion> & Pick<OrderQuestion, "strategy" | "candidates">): Ordering =>
  orderTargets({ weights: { latency: 0.6, cost: 0.4 }, turn: 0, random: never, ...over });

const orderOf = (...[question]: Parameters<typeof order>): string => namesOf(order(question).targets);

describe("priority", () => {
  it("keeps the order that is given, and tells no choice", () => {
    const candidates = [candidate("a", { priority: 1, inFlight: 9 }), candidate("b"), candidate("c")];
    expect(orderOf({ strategy: "priority", candidates })).toBe("a b c");
    expect(order({ strategy: "priority", candidates }).choice).toBeUndefined();
  });
});

describe("round_robin", () => {
  const candidates = [candidate("a"), candidate("b"), candidate("c")];

  it("begins at each target in its turn, and goes on from there", () => {
    const orders = [0, 1, 2, 3, 4].map((turn) => orderOf({ strategy: "round_robin", candidates, turn }));
    expect(orders).toEqual(["a b c", "b c a", "c a b", "a b c", "b c a"]);
  });

  it("has nothing to turn without a target", () => {
    expect(orderOf({ strategy: "round_robin", candidates: [], turn: 7 })).toBe("");
  });
});

describe("weighted", () => {
  const candidates = [
    candidate("a", { weight: 3 }),
    candidate("b", { weight: 0 }),
    candidate("c"),
    candidate("d", { weight: 6 }),
  ];

  it("draws one after the other, each among those that are left", () => {
    // On a line of 3 + 1 + 6 = 10 a has 0 to 3, c 3 to 4, d 4 to 10. 0.35 is at 3.5: c. Without c the line is 9:
    // 0.2 is at 1.8: a. d is left; b has no weight.
    const drawn = [0.35, 0.2];
    const random = () => drawn.shift() ?? never();
    expect(orderOf({ strategy: "weighted", candidates, random })).toBe("c a d b");
    expect(drawn).toEqual([]);
  });

  it("puts a border to the later piece, and the last number into the last one", () => {
    expect(orderOf({ strategy: "weighted", candidates, random: () => 0.3 })).toMatch(/^c/);
    expect(orderOf({ strategy: "weighted", candidates, random: () => 1 - 2 ** -53 })).toMatch(/^d/);
  });

  it("takes targets without weight as given, after all others", () => {
    const idle = [
      candidate("x", { weight: 0 }),
      candidate("a", { weight: 1 }),
      candidate("y", { weight: 0 }),
    ];
    expect(orderOf({ strategy: "weighted", candidates: idle })).toBe("a x y");
  });

  it("gives each the share of its weight", () => {
    const random = seeded(7);
    const firsts = { a: 0, c: 0, d: 0 };
    for (let i = 0; i < 20_000; i += 1) {
      const first = orderOf({ strategy: "weighted", candidates, random })[0];
      if (first === "a" || first === "c" || first === "d") firsts[first] += 1;
    }
    // Four standard deviations of a share of 0.6 over 20 000 draws are 0.014.
    expect(Math.abs(firsts.a / 20_000 - 0.3)).toBeLessThan(0.014);
    expect(Math.abs(firsts.c / 20_000 - 0.1)).toBeLessThan(0.014);
    expect(Math.abs(firsts.d / 20_000 - 0.6)).toBeLessThan(0.014);
  });
});

describe("least_latency", () => {
  it("asks the quickest first; what is not measured is in the middle", () => {
    // Of the longest, 4000 ms: quick 1000 / 4000 = 0.25, unknown 0.5, slower 3000 / 4000 = 0.75, slowest 1.
    const candidates = [
      candidate("slowest", { priority: 3, expectedMs: 4_000 }),
      candidate("unknown", { priority: 2 }),
      candidate("slower", { priority: 1, expectedMs: 3_000 }),
      candidate("quick", { expectedMs: 1_000 }),
    ];
    const { targets, choice } = order({ strategy: "least_latency", candidates });
    expect(namesOf(targets)).toBe("quick unknown slower slowest");
    expect(choice?.candidates.map(({ score }) => score)).toEqual([0.25, 0.5, 0.75, 1]);
  });

  it("tells what it knew, in the order in which they are tried", () => {
    const candidates = [
      candidate("a", { expectedMs: 2_000, expectedNanos: 50 }),
      candidate("b", { expectedMs: 1_000, expectedNanos: 100 }),
    ];
    expect(order({ strategy: "least_latency", candidates }).choice).toEqual({
      strategy: "least_latency",
      explored: false,
      candidates: [
        {
          provider: "b",
          model: "m",
          score: 0.5,
          latency: 0.5,
          cost: 1,
          expectedMs: 1_000,
          expectedNanos: 100,
        },
        { provider: "a", model: "m", score: 1, latency: 1, cost: 0.5, expectedMs: 2_000, expectedNanos: 50 },
      ],
    });
  });
});

describe("lowest_cost", () => {
  it("asks the cheapest first; what has no price is in the middle", () => {
    // Of the dearest, 500: free 0 / 500 = 0, cheap 200 / 500 = 0.4, unpriced 0.5, dear 1.
    const candidates = [
      candidate("dear", { expectedNanos: 500 }),
      candidate("unpriced", { cold: true }),
      candidate("cheap", { expectedNanos: 200 }),
      candidate("free", { expectedNanos: 0 }),
    ];
    const { targets, choice } = order({ strategy: "lowest_cost", candidates });
    expect(namesOf(targets)).toBe("free cheap unpriced dear");
    expect(choice).toMatchObject({ strategy: "lowest_cost", explored: false });
    expect(choice?.candidates.map(({ score }) => score)).toEqual([0, 0.4, 0.5, 1]);
  });

  it("takes targets that all cost nothing as equal, with a score of 0", () => {
    const candidates = [candidate("a", { expectedNanos: 0 }), candidate("b", { expectedNanos: 0 })];
    const { targets, choice } = order({ strategy: "lowest_cost", candidates });
    expect(namesOf(targets)).toBe("a b");
    expect(choice?.candidates.map(({ score }) => score)).toEqual([0, 0]);
  });
});

describe("smart", () => {
  const candidates = [
    candidate("quick", { expectedMs: 1_000, expectedNanos: 800 }),
    candidate("cheap", { expectedMs: 2_000, expectedNanos: 200 }),
    candidate("new", { expectedNanos: 400 }),
    candidate("unpriced", { expectedMs: 1_600 }),
  ];

  it("weighs time and cost, each as a part of the largest", () => {
    // Longest 2000 ms, dearest 800.
    // quick:    0.6 × 1000/2000 + 0.4 × 800/800 = 0.30 + 0.40 = 0.70
    // cheap:    0.6 × 2000/2000 + 0.4 × 200/800 = 0.60 + 0.10 = 0.70, a tie with quick: as written
    // new:      0.6 × 0.5       + 0.4 × 400/800 = 0.30 + 0.20 = 0.50
    // unpriced: 0.6 × 1600/2000 + 0.4 × 0.5     = 0.48 + 0.20 = 0.68
    const { targets, choice } = order({ strategy: "smart", candidates });
    expect(namesOf(targets)).toBe("new unpriced quick cheap");
    const scores = choice?.candidates.map(({ score }) => score) ?? [];
    for (const [i, score] of [0.5, 0.68, 0.7, 0.7].entries()) expect(scores[i]).toBeCloseTo(score, 12);
    expect(choice?.candidates[0]).toMatchObject({ provider: "new", latency: 0.5, cost: 0.5 });
    expect(choice?.candidates[1]).toMatchObject({ provider: "unpriced", latency: 0.8, cost: 0.5 });
  });

  it("takes weights as parts of their sum", () => {
    // 1 to 3 is 0.25 and 0.75: quick 0.125 + 0.75 = 0.875, cheap 0.25 + 0.1875 = 0.4375, new 0.125 + 0.375 = 0.5,
    // unpriced 0.2 + 0.375 = 0.575.
    const { targets, choice } = order({ strategy: "smart", candidates, weights: { latency: 1, cost: 3 } });
    expect(namesOf(targets)).toBe("cheap new unpriced quick");
    expect(choice?.candidates[0]?.score).toBe(0.4375);
    expect(order({ strategy: "smart", candidates, weights: { latency: 1e6, cost: 3e6 } }).choice).toEqual(
      choice,
    );
  });

  it("breaks ties by priority, then for the less busy one, then as written", () => {
    const equal = [
      candidate("a", { priority: 1, inFlight: 3 }),
      candidate("b", { priority: 1, inFlight: 2 }),
      candidate("c", { priority: 0, inFlight: 0 }),
      candidate("d", { priority: 0, inFlight: 0 }),
    ];
    expect(orderOf({ strategy: "smart", candidates: equal })).toBe("b a c d");
  });
});

describe.each(["least_latency", "smart"] as const)("exploring by %s", (strategy) => {
  const candidates = [
    candidate("known", { priority: 3, expectedMs: 10 }),
    candidate("busy", { priority: 2, cold: true, inFlight: 1, expectedMs: 100 }),
    candidate("cold", { priority: 1, cold: true, expectedMs: 100 }),
    candidate("colder", { cold: true, expectedMs: 100 }),
  ];

  it("sends one call in ten to the cold target of the highest priority that is not asked already", () => {
    const { targets, choice } = order({ strategy, candidates, random: () => 0.0999 });
    expect(namesOf(targets)).toBe("cold known busy colder");
    expect(choice).toMatchObject({
      explored: true,
      candidates: [{ provider: "cold" }, { provider: "known" }, {}, {}],
    });
  });

  it("leaves the others in their order", () => {
    const { targets, choice } = order({ strategy, candidates, random: () => 0.1 });
    expect(namesOf(targets)).toBe("known busy cold colder");
    expect(choice?.explored).toBe(false);
  });

  it("is about one call in ten", () => {
    const random = seeded(11);
    let explored = 0;
    for (let i = 0; i < 10_000; i += 1) {
      if (order({ strategy, candidates, random }).choice?.explored === true) explored += 1;
    }
    // Four standard deviations are 0.012.
    expect(Math.abs(explored / 10_000 - 0.1)).toBeLessThan(0.012);
  });

  it("takes no chance where the cold target is first anyway, or none is cold", () => {
    const first = [candidate("a", { cold: true, priority: 1 }), candidate("b", { cold: true })];
    expect(order({ strategy, candidates: first }).choice?.explored).toBe(false);
    expect(orderOf({ strategy, candidates: [candidate("a"), candidate("b")] })).toBe("a b");
  });

  const cold = (inFlight: number) =>
    order({
      strategy,
      candidates: [candidate("known", { expectedMs: 10 }), candidate("new", { cold: true, inFlight })],
      random: () => 0,
    });

  it("does not send all calls to a cold target that has not answered yet", () => {
    // Not measured is in the middle, and the only one that is measured is the longest.
    expect(namesOf(cold(4).targets)).toBe("new known");
    expect(namesOf(cold(5).targets)).toBe("known new");
    expect(cold(5).choice).toMatchObject({ explored: false, candidates: [{ latency: 1 }, { latency: 0.5 }] });
  });
});
