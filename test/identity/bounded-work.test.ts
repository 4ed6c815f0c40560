import { describe, expect, it } from "vitest";
import { createBoundedWork } from "../../src/identity/bounded-work.ts";

function create() {
  const inTurn = createBoundedWork({ atATime: 2, waitingMax: 5, waitingMaxOfOne: 3 });
  const begun: number[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const work = (id: number, askedBy = "red") =>
    inTurn(async () => {
      begun.push(id);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return id;
    }, askedBy);
  return { begun, gates, work };
}

describe("bounded work", () => {
  it("is done a few at a time, in the order in which it came, and refused when too many wait", async () => {
    const { begun, gates, work } = create();
    const asked = [1, 2, 3, 4, 5].map((id) => work(id));
    await expect(work(6)).rejects.toMatchObject({ code: "overloaded", retryAfterMs: 1_000 });
    expect(begun).toEqual([1, 2]);
    gates[0]?.resolve();
    await asked[0];
    await expect.poll(() => begun).toEqual([1, 2, 3]);
    const late = work(7);
    for (let i = 1; i < 6; i += 1) {
      await expect.poll(() => gates.length).toBeGreaterThan(i);
      gates[i]?.resolve();
    }
    expect(await Promise.all([...asked, late])).toEqual([1, 2, 3, 4, 5, 7]);
    expect(begun).toEqual([1, 2, 3, 4, 5, 7]);
  });

  it("of one who asks for much waits for that one's, and lets others pass", async () => {
    const { begun, gates, work } = create();
    const asked = [1, 2, 3, 4, 5].map((id) => work(id));
    await expect(work(6)).rejects.toMatchObject({ code: "overloaded" });
    asked.push(work(7, "blue"), work(8, "green"));
    // As many as may wait in all.
    await expect(work(9, "grey")).rejects.toMatchObject({ code: "overloaded" });
    for (let i = 0; i < 7; i += 1) {
      await expect.poll(() => gates.length).toBeGreaterThan(i);
      gates[i]?.resolve();
    }
    expect(await Promise.all(asked)).toEqual([1, 2, 3, 4, 5, 7, 8]);
    expect(begun).toEqual([1, 2, 3, 7, 8, 4, 5]);
  });

  it("that fails leaves its place", async () => {
    const inTurn = createBoundedWork({ atATime: 1, waitingMax: 1 });
    const failing = inTurn(() => Promise.reject(new Error("It failed.")));
    const next = inTurn(() => Promise.resolve("done"));
    await expect(failing).rejects.toThrow("It failed.");
    expect(await next).toBe("done");
    expect(await inTurn(() => Promise.resolve("again"))).toBe("again");
  });
});
