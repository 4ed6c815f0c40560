import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SuccessScore } from "../../../../src/core/routing/targets/success-score.ts";

describe("SuccessScore", () => {
  it("is 1 before the first attempt, and stays so while all succeed", () => {
    const score = new SuccessScore();
    expect(score.score()).toBe(1);
    score.succeeded();
    expect(score.score()).toBe(1);
  });

  it("loses a tenth of itself with a failure, and regains a tenth of what is missing with a success", () => {
    const score = new SuccessScore();
    score.failed();
    expect(score.score()).toBeCloseTo(0.9, 12);
    score.failed();
    expect(score.score()).toBeCloseTo(0.81, 12);
    score.succeeded();
    expect(score.score()).toBeCloseTo(0.829, 12);
  });

  it("stays between 0 and 1, falls with each failure and rises with each success", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 80, size: "max" }), (outcomes) => {
        const score = new SuccessScore();
        for (const ok of outcomes) {
          const before = score.score();
          if (ok) score.succeeded();
          else score.failed();
          const after = score.score();
          expect(after).toBeGreaterThanOrEqual(ok ? before : 0);
          expect(after).toBeLessThanOrEqual(ok ? 1 : before);
          if (!ok) expect(after).toBeLessThan(before);
        }
      }),
    );
  });
});
