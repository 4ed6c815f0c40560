import { describe, expect, it } from "vitest";
import { answersAgree } from "../../../../src/core/cache/semantic/answers-agree.ts";
import { SemanticCounts } from "../../../../src/core/cache/semantic/semantic-counts.ts";

const bandOf = (counts: SemanticCounts, from: number) =>
  counts.report().routes[0]?.bands.find((band) => band.from === from);

let ids = 0;
function compare(counts: SemanticCounts, similarity: number, wouldHaveServed: string, times = 1): void {
  for (let at = 0; at < times; at += 1) {
    ids += 1;
    counts.compared("r", { similarity, requestId: `id-${ids}`, given: "It is Paris", wouldHaveServed });
  }
}

describe("what shadow mode counts", () => {
  it("is by band", () => {
    const counts = new SemanticCounts();
    counts.wouldHit("r", 0.95, true);
    counts.wouldHit("r", 0.9599, true);
    counts.wouldHit("r", 0.96, true);
    counts.wouldHit("r", 1, true);
    counts.wouldHit("r", 0.2, false);
    counts.guardRefused("r", 0.91, "numbers");
    counts.guardRefused("r", 0.91, "numbers");
    counts.guardRefused("r", 0.91, "names");
    compare(counts, 0.955, "It is Paris!");
    compare(counts, 0.955, "It is Rome, I think");
    expect(bandOf(counts, 0.95)).toMatchObject({ to: 0.96, wouldHit: 2, agreed: 1, disagreed: 1 });
    expect(bandOf(counts, 0.96)).toMatchObject({ wouldHit: 1 });
    expect(bandOf(counts, 0.99)).toMatchObject({ to: 1, wouldHit: 1 });
    expect(bandOf(counts, 0.9)).toMatchObject({ wouldHit: 0, guardRefused: { numbers: 2, names: 1 } });
    expect(counts.report().routes[0]?.disagreeing).toEqual([`id-${ids}`]);
  });

  it("gives the share of calls that had, or would have had, a hit", () => {
    const counts = new SemanticCounts();
    for (let at = 0; at < 3; at += 1) counts.lookedUp("r");
    counts.served("r");
    counts.wouldHit("r", 0.9, false);
    counts.withoutVector("r");
    expect(counts.report().routes).toMatchObject([
      { route: "r", lookUps: 3, served: 1, wouldServe: 0, hitRatePercent: 33.33, withoutVector: 1 },
    ]);
    counts.withoutVector("s");
    expect(counts.report().routes[1]).toMatchObject({
      route: "s",
      hitRatePercent: 0,
      suggestedThreshold: null,
    });
  });

  it("suggests no threshold from little evidence", () => {
    const counts = new SemanticCounts();
    compare(counts, 0.995, "It is Paris", 99);
    expect(counts.report().routes[0]?.suggestedThreshold).toBeNull();
    compare(counts, 0.995, "It is Paris");
    expect(counts.report().routes[0]?.suggestedThreshold).toBe(0.99);
  });

  it("suggests the least threshold from on which one in a hundred at most was another", () => {
    const counts = new SemanticCounts();
    compare(counts, 0.995, "It is Paris", 60);
    compare(counts, 0.965, "It is Paris", 139);
    compare(counts, 0.965, "No idea", 1);
    expect(counts.report().routes[0]?.suggestedThreshold).toBe(0.96);
    compare(counts, 0.91, "No idea", 10);
    expect(counts.report().routes[0]?.suggestedThreshold).toBe(0.96);
    compare(counts, 0.965, "No idea", 5);
    expect(counts.report().routes[0]?.suggestedThreshold).toBeNull();
  });

  it("keeps a bounded number of ids and of routes", () => {
    const counts = new SemanticCounts();
    compare(counts, 0.9, "No idea", 200);
    expect(counts.report().routes[0]?.disagreeing).toHaveLength(50);
    expect(counts.report().routes[0]?.disagreeing.at(-1)).toBe(`id-${ids}`);
    for (let at = 0; at < 2_000; at += 1) counts.lookedUp(String(at));
    expect(counts.report().routes).toHaveLength(500);
  });
});

describe("two answers", () => {
  it.each([
    ["Paris.", "paris"],
    ["", ""],
    ["The capital of France is Paris.", "The capital of France is, of course, Paris."],
    ["The answer is 42", "The answer is: 42!"],
  ])("agree: %s | %s", (one, other) => {
    expect(answersAgree(one, other)).toBe(true);
    expect(answersAgree(other, one)).toBe(true);
  });

  it.each([
    ["Paris", "Rome"],
    ["Paris", ""],
    ["The answer is 42 of them all", "The answer is 43 of them all"],
    ["The answer to this is surely 42", "The answer to this is surely"],
    ["!", "?"],
  ])("differ: %s | %s", (one, other) => {
    expect(answersAgree(one, other)).toBe(false);
    expect(answersAgree(other, one)).toBe(false);
  });

  it("are compared by their beginning where they are long", () => {
    const long = "a b c d e f ".repeat(500_000);
    expect(answersAgree(long, `${long} not`)).toBe(true);
  });
});
