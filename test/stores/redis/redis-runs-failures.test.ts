import { afterEach, describe, expect, it, vi } from "vitest";
import type { RunHead, SharedRun, SharedRuns, SharedRunStep } from "../../../src/core/runs/shared-runs.ts";
import type { RedisRunsOptions } from "../../../src/stores/redis/redis-runs.ts";
import { openConnection } from "../../../src/stores/redis/redis-connection.ts";
import { runScripts } from "../../../src/stores/redis/runs-scripts.ts";
import { headText, keysOfRun } from "../../../src/stores/redis/runs-wire.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { type RedisServer, type RedisServerOptions, startRedis } from "../../support/redis-server.ts";
import { eventSteps, eventText, foundRun, keyOf, never, newHead, openRuns, stepsOf } from "./open-runs.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function redisOfTest(options: RedisServerOptions = {}): Promise<RedisServer> {
  const redis = await startRedis(options);
  ends.push(() => redis.remove());
  return redis;
}

function open(redis: RedisServer, more: Partial<RedisRunsOptions> = {}): SharedRuns {
  const store = openRuns(redis.url, more);
  ends.push(() => store.close());
  return store;
}

const lost: SharedRunStep = { type: "lost" };

/** A run that goes on, with so many events. */
async function runningRun(store: SharedRuns, count: number, head: RunHead = newHead()) {
  const run = store.publish(head);
  for (let n = 0; n < count; n += 1) run.append(eventText(n));
  return { head, run, found: await foundRun(store, head.id, count) };
}

/** Of a reader that has read so many: what it gets next. */
async function restAfter(run: SharedRun, count: number): Promise<() => Promise<SharedRunStep>> {
  const steps = run.steps(-1, never)[Symbol.asyncIterator]();
  for (const step of eventSteps(0, count)) expect((await steps.next()).value).toEqual(step);
  const next = steps.next();
  return async () => (await next).value;
}

const isBack = (store: SharedRuns) =>
  vi.waitFor(() => expect(store.problems()).toEqual([]), { timeout: 5_000 });

describe("runs whose Redis is frozen", () => {
  it("are not found after fifty milliseconds, and at once from then on", async () => {
    const redis = await redisOfTest();
    const clock = createManualClock();
    const store = open(redis, { clock });
    const head = newHead();
    const writer = open(redis);
    writer.publish(head);
    await foundRun(store, head.id);
    redis.freeze();
    const answered = vi.fn<(found: unknown) => void>();
    void store.find(head.id).then(answered);
    clock.advance(49);
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
    expect(answered).not.toHaveBeenCalled();
    clock.advance(1);
    await expect.poll(() => answered.mock.calls).toEqual([[undefined]]);
    expect(await store.find(head.id)).toBeUndefined();
    expect(store.problems()).toEqual([
      expect.stringMatching(/does not answer in time.*can only be resumed at the gateway that runs it/),
    ]);
    redis.thaw();
  });

  it("are lost to those who wait, after two seconds, and not before", async () => {
    const redis = await redisOfTest();
    const clock = createManualClock();
    const { head } = await runningRun(open(redis), 2);
    const reader = open(redis, { clock });
    const steps = (await foundRun(reader, head.id, 2)).steps(-1, never)[Symbol.asyncIterator]();
    for (const step of eventSteps(0, 2)) expect((await steps.next()).value).toEqual(step);
    redis.freeze();
    const told = vi.fn<(step: unknown) => void>();
    void steps.next().then(({ value }) => told(value));
    const fromMs = clock.monotonicMs();
    await expect
      .poll(
        () => {
          clock.advance(10);
          return told.mock.calls;
        },
        { interval: 1, timeout: 4_500 },
      )
      .toEqual([[lost]]);
    expect(clock.monotonicMs() - fromMs).toBeGreaterThan(2_000);
    redis.thaw();
  });

  it("are told on when it answers again soon, each event once", async () => {
    const redis = await redisOfTest();
    const reader = open(redis);
    const { clock, store, head, run } = await frozenWhileTold(redis);
    run.append(eventText(2));
    run.end(undefined);
    expect(store.problems()).toHaveLength(1);
    redis.thaw();
    await isBackAfter(10, store, clock);
    const found = await vi.waitFor(async () => {
      const there = await foundRun(reader, head.id, 3);
      expect(there.ended).toBe(true);
      return there;
    });
    expect(await stepsOf(found)).toEqual([...eventSteps(0, 3), { type: "end", error: undefined }]);
    expect(await redis.run("XLEN", `${keyOf(head.id)}:events`)).toBe(":3");
  });

  it("are given up by their gateway after two seconds, and never told with a gap", async () => {
    const redis = await redisOfTest();
    const reader = open(redis);
    const { clock, store, head, run } = await frozenWhileTold(redis);
    clock.advance(2_000);
    run.append(eventText(2));
    run.end(undefined);
    const late = newHead();
    const begunLate = store.publish(late);
    clock.advance(2);
    redis.thaw();
    await isBackAfter(1_000, store, clock);
    begunLate.append(eventText(0));
    const next = newHead();
    store.publish(next);
    clock.advance(2);
    await foundRun(reader, next.id);
    // It may have taken what it was sent when it was frozen, and no more; or it was told to forget it.
    await vi.waitFor(async () => expect(await reader.find(head.id)).toBeUndefined());
    expect(await reader.find(late.id)).toBeUndefined();
  });

  it("hold up no gateway that closes", async () => {
    const redis = await redisOfTest();
    const { clock, store, run } = await frozenWhileTold(redis);
    run.append(eventText(2));
    const closed = vi.fn<() => void>();
    void store.close().then(closed);
    await expect.poll(() => closed.mock.calls.length).toBe(1);
    expect(clock.pendingTimers).toBe(0);
    redis.thaw();
  });
});

/** A run with one event that is known, and one that was sent when Redis had stopped; the link has noticed. */
async function frozenWhileTold(redis: RedisServer) {
  const clock = createManualClock();
  const store = open(redis, { clock });
  const head = newHead();
  const run = store.publish(head);
  run.append(eventText(0));
  await vi.waitFor(async () => {
    clock.advance(2);
    expect((await store.find(head.id))?.nextSequence).toBe(1);
  });
  redis.freeze();
  run.append(eventText(1));
  clock.advance(2);
  clock.advance(50);
  await vi.waitFor(() => expect(store.problems()).toHaveLength(1));
  return { clock, store, head, run };
}

/** It is tried once a second. */
async function isBackAfter(stepMs: number, store: SharedRuns, clock: ManualClock): Promise<void> {
  clock.advance(1_000);
  await vi.waitFor(async () => {
    clock.advance(stepMs);
    await new Promise(setImmediate);
    expect(store.problems()).toEqual([]);
  });
}

async function append(redis: RedisServer, head: RunHead, sent: SentPart): Promise<unknown> {
  const { first, events, ending = "" } = sent;
  const connection = openConnection({ url: redis.url, connectMs: 1_000, lost() {} });
  await connection.opened;
  const texts = Array.from({ length: events }, (_, at) => eventText(first + at));
  const args = [first === 0 ? headText(head) : "", String(first), "", ending, "", "60000", ...texts];
  const said = await runScripts.append.run(connection, { keys: keysOfRun(head.id), args });
  connection.destroy();
  return said;
}

describe("what is sent of a run", () => {
  it("is there once, however often and late it comes, and not at all after a gap", async () => {
    const redis = await redisOfTest();
    const reader = open(redis);
    const head = newHead();
    const beginning = { first: 0, events: 2 };
    const middle = { first: 2, events: 3 };
    const end = { first: 5, events: 1, ending: "ended" };
    for (const sent of [beginning, beginning, middle, beginning, middle, end, middle, end, beginning]) {
      expect(await append(redis, head, sent)).toBe("");
    }
    expect(await stepsOf(await foundRun(reader, head.id, 6))).toEqual([
      ...eventSteps(0, 6),
      { type: "end", error: undefined },
    ]);
    const other = newHead();
    expect(await append(redis, other, beginning)).toBe("");
    expect(await append(redis, other, end)).toBe("gone");
    expect(await append(redis, other, middle)).toBe("gone");
    expect(await reader.find(other.id)).toBeUndefined();
    // Nothing but an end is written as well when it comes again.
    const third = newHead();
    const last = { first: 2, events: 0, ending: "ended" };
    for (const sent of [beginning, last, last, beginning]) expect(await append(redis, third, sent)).toBe("");
    expect(await stepsOf(await foundRun(reader, third.id, 2))).toHaveLength(3);
  });
});

interface SentPart {
  readonly first: number;
  readonly events: number;
  readonly ending?: string;
}

describe("runs whose Redis was restarted", () => {
  it("are lost, and new ones are there again", async () => {
    const redis = await redisOfTest();
    const [writer, reader] = [open(redis), open(redis)];
    const { head, run } = await runningRun(writer, 3);
    const found = await foundRun(reader, head.id, 3);
    const rest = await restAfter(found, 3);
    await redis.kill();
    await redis.start();
    expect(await rest()).toEqual(lost);
    run.append(eventText(3));
    await Promise.all([isBack(writer), isBack(reader)]);
    run.append(eventText(4));
    run.end(undefined);
    const next = await runningRun(writer, 2);
    next.run.end(undefined);
    expect(await stepsOf(await foundRun(reader, next.head.id, 2))).toHaveLength(3);
    expect(await reader.find(head.id)).toBeUndefined();
  });

  it("are lost where it was emptied, although nobody noticed", async () => {
    const redis = await redisOfTest();
    const [writer, reader] = [open(redis), open(redis)];
    const { head, run } = await runningRun(writer, 3);
    const found = await foundRun(reader, head.id, 3);
    await redis.run("FLUSHALL");
    run.append(eventText(3));
    run.end(undefined);
    expect(await stepsOf(found)).toEqual([lost]);
    await runningRun(writer, 1);
    expect(await redis.run("EXISTS", keyOf(head.id), `${keyOf(head.id)}:events`)).toBe(":0");
    expect(writer.problems()).toEqual([]);
  });

  it("are lost after a short time where it does not come back", async () => {
    const redis = await redisOfTest();
    const reader = open(redis);
    const { found, run } = await runningRun(reader, 1);
    const rest = await restAfter(found, 1);
    await redis.kill();
    run.append(eventText(1));
    expect(await rest()).toEqual(lost);
    expect(reader.problems()).toHaveLength(1);
  });
});

describe("runs whose Redis is full", () => {
  it("are given up quietly, and said once", async () => {
    const redis = await redisOfTest();
    const told: string[] = [];
    const store = open(redis, { tell: (message) => void told.push(message) });
    const before = await runningRun(store, 2);
    await redis.run("CONFIG", "SET", "maxmemory", "1");
    const heads = [newHead(), newHead(), newHead()];
    const runs = heads.map((head) => store.publish(head));
    for (const run of [before.run, ...runs]) {
      run.append(eventText(2));
      run.end(undefined);
    }
    await vi.waitFor(() => expect(store.problems()).toHaveLength(1));
    expect(store.problems()[0]).toMatch(/has no memory left.*can only be resumed at the gateway/);
    for (const { id } of [before.head, ...heads]) {
      await vi.waitFor(async () => expect(await store.find(id)).toBeUndefined());
    }
    expect(await stepsOf(before.found)).toEqual([lost]);
    expect(told).toEqual([expect.stringContaining("has no memory left")]);
    await redis.run("CONFIG", "SET", "maxmemory", "0");
    await runningRun(store, 2);
    expect(store.problems()).toEqual([]);
  });
});

describe("runs that somebody else wrote to", () => {
  it("are not there where their head is damaged or another run's", async () => {
    const redis = await redisOfTest();
    const [writer, reader] = [open(redis), open(redis)];
    const other = newHead({ tenantId: "other" });
    const damages: readonly (readonly string[])[] = [
      ["head", "no JSON"],
      ["head", "null"],
      ["head", "[]"],
      ["head", "{}"],
      ["head", JSON.stringify(other)],
      ["head", JSON.stringify({ ...other, id: 7 })],
      ["next", "-1"],
      ["next", "1e3"],
      ["next", "9".repeat(30)],
      ["ending", "perhaps"],
    ];
    for (const damage of damages) {
      const { head } = await runningRun(writer, 1);
      await redis.run("HSET", keyOf(head.id), ...damage);
      expect(await reader.find(head.id)).toBeUndefined();
    }
    const { head } = await runningRun(writer, 1);
    const withOwn = { ...head, owner: undefined };
    await redis.run("HSET", keyOf(head.id), "head", JSON.stringify(withOwn));
    expect(await reader.find(head.id)).toBeUndefined();
    await redis.run("SET", keyOf(head.id), "a text");
    expect(await reader.find(head.id)).toBeUndefined();
    expect(reader.problems()).toEqual([]);
  });

  it("are lost where their events are damaged, and give what came before", async () => {
    const redis = await redisOfTest();
    const [writer, reader] = [open(redis), open(redis)];
    const damages: readonly ((events: string) => readonly (readonly string[])[])[] = [
      (events) => [["XDEL", events, "3-0"]],
      (events) => [
        ["XTRIM", events, "MAXLEN", "0"],
        ["XADD", events, "100-0", "e", "later"],
      ],
      (events) => [["DEL", events]],
      (events) => [["SET", events, "a text"]],
      (events) => [
        ["DEL", events],
        ["XADD", events, "1-0", "other", "field"],
      ],
      (events) => [
        ["DEL", events],
        ["XADD", events, "1-0", "e", "one", "e", "two"],
      ],
    ];
    for (const damage of damages) {
      const { head, run } = await runningRun(writer, 5);
      run.end(undefined);
      const found = await vi.waitFor(async () => {
        const there = await foundRun(reader, head.id, 5);
        expect(there.ended).toBe(true);
        return there;
      });
      for (const command of damage(`${keyOf(head.id)}:events`)) await redis.run(...command);
      const steps = await stepsOf(found);
      expect(steps.at(-1)).toEqual(lost);
      expect(steps.slice(0, -1)).toEqual(eventSteps(0, steps.length - 1));
    }
    // What is between them or behind the end is no part of it.
    const whole = await runningRun(writer, 5);
    whole.run.end(undefined);
    for (const id of ["5-1", "*"]) {
      await redis.run("XADD", `${keyOf(whole.head.id)}:events`, id, "e", "more");
    }
    expect(await stepsOf(whole.found)).toEqual([...eventSteps(0, 5), { type: "end", error: undefined }]);
    // Also while somebody waits, and while it is written.
    const { head, run } = await runningRun(writer, 1);
    const waiting = stepsOf(await foundRun(reader, head.id, 1));
    await redis.run("SET", keyOf(head.id), "a text");
    expect(await waiting).toContainEqual(lost);
    run.append(eventText(1));
    run.end(undefined);
    await runningRun(writer, 1);
    expect(await reader.find(head.id)).toBeUndefined();
    expect(reader.problems()).toEqual([]);
  });
});
