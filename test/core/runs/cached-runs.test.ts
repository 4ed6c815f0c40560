// Calls that have a key, can be resumed and share their answer with equal ones, all at once: a run over a flight.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CallOptions } from "../../../src/core/call.ts";
import { createMemoryAnswers } from "../../../src/stores/memory/memory-answers.ts";
import { request, textOf } from "../../support/chat-scripts.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { textScript } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import {
  alice,
  expectQuiet,
  gate,
  heads,
  type Listener,
  numbersTo,
  resuming,
  sequencesOf,
  startGateway,
  streaming,
  tails,
  word,
} from "./running-gateway.ts";

const cacheable = (more: Partial<CallOptions> = {}): Partial<CallOptions> => ({
  principal: alice,
  cacheControl: { mode: "default", ttlSeconds: 60 },
  ...more,
});

function begin(more: { readonly awayMs?: number } = {}) {
  const clock = createManualClock();
  const cache = createMemoryAnswers({ maxEntries: 10, maxBytes: 1_000_000, clock });
  const [first, second] = [gate(), gate()];
  const steps = [...heads, first.step, word("Good "), second.step, word("day"), ...tails];
  const running = startGateway([{ steps }], {
    clock,
    cache: { mode: "all", ttlSeconds: 60 },
    answers: { cache, maxBytes: 100_000 },
    runLimits: { awayMs: more.awayMs ?? 60_000 },
  });
  return { running, first, second };
}

const both = cacheable({ idempotencyKey: "once", resumable: true });

describe("a run over a flight", () => {
  it("has one record for its duplicates, and one for each that follows it", async () => {
    const { running, first, second } = begin();
    const leader = streaming(running, both);
    const duplicate = streaming(running, both);
    const follower = streaming(running, cacheable());
    await turn();
    first.open();
    await turn();
    const resumer = resuming(running, "id-1");
    await turn();
    second.open();
    await turn();
    for (const each of [leader, duplicate, follower, resumer]) {
      expect([textOf(each.events), each.error]).toEqual(["Good day", undefined]);
      expect(sequencesOf(each)).toEqual(numbersTo(7));
    }
    expect(duplicate.events).toEqual(leader.events);
    expect(follower.reply?.meta.requestId).not.toBe("id-1");
    expect(running.provider.calls).toHaveLength(1);
    expect(running.ledger.settled.map(({ cacheStatus }) => cacheStatus).toSorted()).toEqual(["hit", "miss"]);
    const later = streaming(running, both);
    const hit = streaming(running, cacheable());
    await turn();
    expect([later.reply?.meta.requestId, hit.reply?.meta.cacheStatus]).toEqual(["id-1", "hit"]);
    expect([running.provider.calls.length, running.ledger.settled.length]).toEqual([1, 3]);
    await expectQuiet(running);
  });

  it("ends for those with its key when they all have left, and goes on for who follows the flight", async () => {
    for (const sent of [false, true]) {
      const { running, first, second } = begin({ awayMs: 0 });
      const leader = streaming(running, both);
      await turn();
      const duplicate = streaming(running, both);
      const follower = streaming(running, cacheable());
      await turn();
      if (sent) first.open();
      await turn();
      leader.goAway();
      duplicate.goAway();
      await turn();
      expect(running.keys?.asked).toEqual(["claim", sent ? "finish" : "release"]);
      first.open();
      second.open();
      await turn();
      expect([textOf(follower.events), follower.error]).toEqual(["Good day", undefined]);
      expect(running.ledger.settled.map(({ status }) => status).toSorted()).toEqual(["cancelled", "ok"]);
      expect(running.ledger.settled.find(({ id }) => id === "id-1")?.attempts).toBe(1);
      expect(running.keys?.asked).toEqual(["claim", sent ? "finish" : "release"]);
      await expectQuiet(running);
    }
  });

  it("ends for who does not read it, while the flight goes on", async () => {
    const { running, first, second } = begin({ awayMs: 0 });
    const caller = new AbortController();
    const unread = running.gateway.stream(request, { ...both, signal: caller.signal });
    await turn();
    const follower = streaming(running, cacheable());
    await turn();
    first.open();
    await unread;
    caller.abort();
    await turn();
    expect(running.keys?.asked).toEqual(["claim", "finish"]);
    second.open();
    await turn();
    expect(textOf(follower.events)).toBe("Good day");
    expect(running.ledger.settled.map(({ status }) => status).toSorted()).toEqual(["cancelled", "ok"]);
    await expectQuiet(running);
  });

  it("gives its place up when its leader leaves an answer that nobody has read", async () => {
    const { running, first, second } = begin();
    const caller = new AbortController();
    const unread = running.gateway.stream(request, cacheable({ signal: caller.signal }));
    await turn();
    first.open();
    await unread;
    caller.abort();
    await turn();
    const next = streaming(running, cacheable());
    second.open();
    await turn();
    expect([textOf(next.events), next.error]).toEqual(["Good day", undefined]);
    expect(running.ledger.settled.map(({ status }) => status)).toEqual(["cancelled", "ok"]);
    await expectQuiet(running);
  });

  it("has nothing to wait for where a kept answer comes after its reader has gone", async () => {
    const clock = createManualClock();
    const cache = createMemoryAnswers({ maxEntries: 10, maxBytes: 1_000_000, clock });
    const asked = Promise.withResolvers<void>();
    const running = startGateway([textScript("kept")], {
      clock,
      cache: { mode: "all", ttlSeconds: 60 },
      answers: {
        cache: {
          put: (key, answer) => cache.put(key, answer),
          problems: () => [],
          close: () => cache.close(),
          find: (key) =>
            cache.find(key) === undefined ? undefined : asked.promise.then(() => cache.find(key)),
        },
        maxBytes: 100_000,
      },
    });
    await running.gateway.chat(request, cacheable());
    const one = streaming(running, cacheable({ resumable: true }));
    await turn();
    one.goAway();
    await turn();
    asked.resolve();
    await turn();
    expect(running.ledger.settled.map(({ status }) => status)).toEqual(["ok", "ok"]);
    expect(clock.pendingTimers).toBe(0);
    await expectQuiet(running);
  });

  const anyOrder = fc.record({
    order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 0, maxLength: 4 }),
    sent: fc.constantFrom(0, 1, 2),
    leaves: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    awayMs: fc.constantFrom(0, 60_000),
  });

  it("may be left in every order: each call is settled once, and who stays has all of it", async () => {
    await fc.assert(
      fc.asyncProperty(anyOrder, async ({ order, sent, leaves, awayMs }) => {
        const { running, first, second } = begin({ awayMs });
        const readers = [
          streaming(running, both),
          streaming(running, both),
          streaming(running, cacheable()),
          streaming(running, cacheable({ resumable: true })),
        ];
        await turn();
        if (sent > 0) first.open();
        await turn();
        for (const at of order) {
          goes(readers[at], leaves[at] === true);
          await turn();
        }
        if (order.length < 4) {
          first.open();
          second.open();
          await turn();
        }
        for (const [at, reader] of readers.entries()) {
          if (order.includes(at)) continue;
          expect([textOf(reader.events), reader.error]).toEqual(["Good day", undefined]);
        }
        running.clock.advance(60_000);
        await turn();
        await expectQuiet(running);
        const settled = running.ledger.settled.map(({ id }) => id);
        expect(settled.toSorted()).toEqual(running.ledger.opened.map(({ id }) => id).toSorted());
        expect(new Set(settled).size).toBe(settled.length);
        expect(running.provider.ended).toBe(running.provider.calls.length);
        expect(running.ledger.attempts).toHaveLength(running.provider.calls.length);
        for (const reader of readers) await reader.leave();
      }),
      { numRuns: 150 },
    );
  });
});

function goes(reader: Listener | undefined, leaves: boolean): void {
  if (leaves) void reader?.leave();
  else reader?.goAway();
}
