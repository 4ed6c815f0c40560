import { expect, it } from "vitest";
import { createTurns } from "../../src/core/turns.ts";
import { createManualClock } from "../support/manual-clock.ts";

const longestWaitMs = 100;
const tooLate = () => new Error("too late");

it("lets so many work at a time, the others in the order in which they came", async () => {
  const takeTurn = createTurns({ atATime: 2, longestWaitMs, tooLate, clock: createManualClock() });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = [0, 1, 2, 3].map((i) =>
    takeTurn(() => {
      begun.push(i);
      return new Promise<number>((resolve) => ends.push(() => resolve(i)));
    }),
  );
  const begunNow = () => expect.poll(() => begun);
  await begunNow().toEqual([0, 1]);
  ends[1]?.();
  await begunNow().toEqual([0, 1, 2]);
  for (const end of ends) end();
  await begunNow().toEqual([0, 1, 2, 3]);
  ends[3]?.();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
});

it("gives a turn back where the work fails, and tells whoever waits too long", async () => {
  const clock = createManualClock();
  const takeTurn = createTurns({ atATime: 1, longestWaitMs, tooLate, clock });
  const work = Promise.withResolvers<void>();
  const first = takeTurn(() => work.promise);
  const late = takeTurn(async () => "never");
  clock.advance(longestWaitMs);
  await expect(late).rejects.toThrow("too late");
  const next = takeTurn(async () => "next");
  work.reject(new Error("failed"));
  await expect(first).rejects.toThrow("failed");
  expect(await next).toBe("next");
  expect(await takeTurn(async () => "free")).toBe("free");
});
