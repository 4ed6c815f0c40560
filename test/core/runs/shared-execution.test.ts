import { describe, expect, it } from "vitest";
import type { Reply } from "../../../src/core/reply.ts";
import { SharedExecution } from "../../../src/core/runs/shared-execution.ts";
import { turn } from "../../support/turn.ts";
import { GivenEvents } from "./given-events.ts";
import type { SizedEvent } from "./log-readers.ts";

const meta = { requestId: "id-1", attempts: 0, cacheStatus: "bypass", losses: [] } as const;

function started() {
  const told: string[] = [];
  const events = new GivenEvents<SizedEvent>();
  const { promise, resolve, reject } = Promise.withResolvers<Reply<SizedEvent>>();
  const execution = new SharedExecution<SizedEvent>({
    maxBytes: 100,
    bytesOf: ({ size }) => size,
    isLast: ({ n }) => n === 2,
    abandoned: () => told.push("abandoned"),
    ended: (failure) => told.push(failure === undefined ? "ended" : String(failure.error)),
  });
  execution.begin(promise);
  return { execution, events, told, reject, open: () => resolve({ meta, events }) };
}

describe("an execution for several readers", () => {
  it("that ended before its reply came leaves what comes, and tells of one end", async () => {
    const { execution, events, told, open } = started();
    const seat = execution.join();
    execution.end("too late");
    open();
    await turn();
    expect(events.left).toBe(1);
    expect(events.asked).toBe(0);
    expect(told).toEqual(["too late"]);
    expect(typeof seat === "string" ? seat : await seat.opened.catch((error: unknown) => error)).toBe(
      "too late",
    );
  });

  it("gives whoever joins after its refusal the same", async () => {
    const { execution, told, reject } = started();
    reject("refused");
    await turn();
    const seat = execution.join();
    expect(typeof seat === "string" ? seat : await seat.opened.catch((error: unknown) => error)).toBe(
      "refused",
    );
    expect(execution.readers).toBe(0);
    expect(told).toEqual(["refused"]);
  });

  it("ends with its last event before it leaves its source", async () => {
    const { execution, events, told, open } = started();
    const seat = execution.join();
    if (typeof seat === "string") throw new Error(seat);
    open();
    await seat.opened;
    const reading = seat.next();
    events.give({ n: 2, size: 1 });
    expect(await reading).toMatchObject({ value: { n: 2 } });
    expect(told).toEqual(["ended"]);
    expect(events.left).toBe(1);
    expect((await seat.next()).done).toBe(true);
  });

  it("that everybody has left says so, before its reply comes and after", async () => {
    for (const opensFirst of [true, false]) {
      const { execution, told, open } = started();
      const seats = [execution.join(), execution.join()];
      if (opensFirst) {
        open();
        await turn();
      }
      for (const seat of seats) if (typeof seat !== "string") await seat.return();
      expect(told).toEqual(["abandoned"]);
    }
  });
});
