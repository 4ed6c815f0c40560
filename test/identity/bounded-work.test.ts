import { describe, expect, it } from "vitest";
import { createBoundedWork } from "../../src/identity/bounded-work.ts";

function create() {
  const inTurn = createBoundedWork({ atATime: 2, waitingMax: 3 });
  const begun: number[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const work = (id: number) =>
    inTurn(async () => {
      begun.push(id);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return id;
    });
  return { begun, gates, work };
}

describe("bounded work", () => {
  it("is done a few at a time, in the order in which it came, and refused when too many wait", async () => {
    const { begun, gates, work } = create();
    const asked = [1, 2, 3, 4, 5].map(work);
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

  it("is done in turns for whom it is done, and refused to those of whom too many wait", async () => {
    const inTurn = createBoundedWork({ atATime: 1, waitingMax: 3 });
    const done: string[] = [];
    const work = (name: string) => inTurn(async () => void done.push(name), name.slice(0, 1));
    const asked = ["a0", "a1", "a2", "a3", "b0", "b1", "c0"].map(work);
    await expect(work("a4")).rejects.toMatchObject({ code: "overloaded" });
    await Promise.all(asked);
    expect(done).toEqual(["a0", "a1", "b0", "c0", "a2", "b1", "a3"]);
    await work("a5");
    expect(done.at(-1)).toBe("a5");
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
