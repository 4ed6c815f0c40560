import { expect, it } from "vitest";
import type { Reply, ReplyMeta } from "../../../src/core/reply.ts";
import { SharedExecution } from "../../../src/core/runs/shared-execution.ts";
import { turn } from "../../support/turn.ts";
import { GivenEvents } from "./given-events.ts";

const meta: ReplyMeta = { requestId: "id-1", attempts: 1, cacheStatus: "bypass", losses: [] };

it("an execution that ended before its reply came leaves that reply, and ends once", async () => {
  const ends: unknown[] = [];
  const execution = new SharedExecution<{ n: number }>({
    maxBytes: 100,
    bytesOf: () => 1,
    isLast: () => false,
    abandoned() {},
    ended: (failure) => void ends.push(failure?.error),
  });
  const seat = execution.join();
  if (typeof seat === "string") throw new Error(`There is no seat: ${seat}.`);
  const { promise, resolve } = Promise.withResolvers<Reply<{ n: number }>>();
  execution.begin(promise);
  execution.end("first");
  execution.end("second");
  await expect(seat.opened).rejects.toBe("first");
  const events = new GivenEvents<{ n: number }>();
  resolve({ meta, events });
  await turn();
  expect([ends, events.left, execution.meta, execution.over]).toEqual([["first"], 1, undefined, true]);
});
