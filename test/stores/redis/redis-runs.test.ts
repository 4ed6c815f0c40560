import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunPublisher, SharedRuns, SharedRunStep } from "../../../src/core/runs/shared-runs.ts";
import type { RedisRunsOptions } from "../../../src/stores/redis/redis-runs.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import {
  eventStep,
  eventSteps,
  eventText,
  foundRun,
  keyOf,
  never,
  newHead,
  openRuns,
  runsClock,
  stepsOf,
} from "./open-runs.ts";

const ended: SharedRunStep = { type: "end", error: undefined };
const lost: SharedRunStep = { type: "lost" };

function give(run: RunPublisher, first: number, end: number): void {
  for (let n = first; n < end; n += 1) run.append(eventText(n));
}

const iteratorOf = (steps: AsyncIterable<SharedRunStep>): AsyncIterator<SharedRunStep> =>
  steps[Symbol.asyncIterator]();

describe("runs in Redis", () => {
  let redis: RedisServer;
  const stores: SharedRuns[] = [];
  const open = (more: Partial<RedisRunsOptions> = {}): SharedRuns => {
    const store = openRuns(redis.url, more);
    stores.push(store);
    return store;
  };
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await redis.remove();
  });

  it("are found and read at another gateway, from any sequence, with their head", async () => {
    const head = newHead({ owner: "user:ä\n", operation: "embed", resumable: false });
    const run = open().publish(head);
    give(run, 0, 5);
    run.end(undefined);
    const other = open();
    const found = await foundRun(other, head.id, 5);
    expect(found).toMatchObject({ head, nextSequence: 5, ended: true });
    expect(await stepsOf(found)).toEqual([...eventSteps(0, 5), ended]);
    expect(await stepsOf(found, 2)).toEqual([...eventSteps(3, 5), ended]);
    expect(await stepsOf(found, 4)).toEqual([ended]);
    expect(await stepsOf(found, 5)).toEqual([lost]);
  });

  it("are read as they come, and end with their error", async () => {
    const head = newHead();
    const run = open().publish(head);
    const found = await foundRun(open(), head.id);
    expect(found).toMatchObject({ nextSequence: 0, ended: false });
    const steps = iteratorOf(found.steps(-1, never));
    for (let n = 0; n < 3; n += 1) {
      const next = steps.next();
      run.append(eventText(n));
      expect((await next).value).toEqual(eventStep(n));
    }
    const last = steps.next();
    run.end('{"code":"internal"}');
    expect((await last).value).toEqual({ type: "end", error: '{"code":"internal"}' });
    expect((await steps.next()).done).toBe(true);
    // What is given after the end is nobody's.
    run.append("late");
    run.end(undefined);
    expect(await stepsOf(found)).toHaveLength(4);
  });

  it("wait for a reader who is ahead of what has arrived", async () => {
    const head = newHead();
    const run = open().publish(head);
    const steps = iteratorOf((await foundRun(open(), head.id)).steps(2, never));
    const next = steps.next();
    give(run, 0, 3);
    give(run, 3, 4);
    expect((await next).value).toEqual(eventStep(3));
    run.end(undefined);
    expect((await steps.next()).value).toEqual(ended);
  });

  it("are not there where they are unknown or their id is none of ours", async () => {
    const store = open();
    await foundRun(store, publishedId(store));
    const before = await redis.run("DBSIZE");
    for (const id of ["", "*", "x".repeat(1_024), "a}{b", `${newHead().id}\n`, newHead().id.toUpperCase()]) {
      const run = store.publish(newHead({ id }));
      give(run, 0, 3);
      run.end(undefined);
      expect(await store.find(id)).toBeUndefined();
    }
    expect(await store.find(newHead().id)).toBeUndefined();
    expect(await redis.run("DBSIZE")).toBe(before);
    expect(store.problems()).toEqual([]);
  });

  it("keep their newest events where they have too many, and tell who asks for older ones", async () => {
    const head = newHead();
    const run = open({ maxBytes: 10_000 }).publish(head);
    give(run, 0, 1_000);
    run.end(undefined);
    const found = await foundRun(open(), head.id, 1_000);
    const kept = Number((await redis.run("XLEN", `${keyOf(head.id)}:events`)).slice(1));
    const bytesOfOne = Buffer.byteLength(eventText(999)) + 64;
    expect(kept * bytesOfOne).toBeLessThanOrEqual(10_000);
    expect(kept * bytesOfOne).toBeGreaterThan(9_000);
    const first = 1_000 - kept;
    expect(await stepsOf(found, first - 2)).toEqual([lost]);
    expect(await stepsOf(found)).toEqual([lost]);
    expect(await stepsOf(found, first - 1)).toEqual([...eventSteps(first, 1_000), ended]);
  });

  it("are lost to a reader whom they have left behind", async () => {
    const head = newHead();
    const run = open({ maxBytes: 10_000 }).publish(head);
    give(run, 0, 10);
    const steps = iteratorOf((await foundRun(open(), head.id, 10)).steps(-1, never));
    expect((await steps.next()).value).toEqual(eventStep(0));
    give(run, 10, 1_000);
    await foundRun(open(), head.id, 1_000);
    const rest: unknown[] = [];
    for (let step = await steps.next(); step.done !== true; step = await steps.next()) rest.push(step.value);
    expect(rest).toEqual([...eventSteps(1, 10), lost]);
  });

  it("are there for a while after their end", async () => {
    const head = newHead();
    const store = open({ keepSeconds: 0.2 });
    const run = store.publish(head);
    give(run, 0, 1);
    const found = await foundRun(store, head.id, 1);
    run.end(undefined);
    await expect.poll(() => store.find(head.id)).toBeUndefined();
    expect(await redis.run("EXISTS", `${keyOf(head.id)}:events`)).toBe(":0");
    expect(await stepsOf(found)).toEqual([lost]);
  });

  it("live on as long as their gateway says so", async () => {
    const head = newHead();
    const store = open({ leaseMs: 600 });
    give(store.publish(head), 0, 1);
    await foundRun(store, head.id, 1);
    let last = 0;
    const isRenewed = async (): Promise<boolean> => {
      const ttlMs = Number((await redis.run("PTTL", `${keyOf(head.id)}:events`)).slice(1));
      const longer = ttlMs > last;
      last = ttlMs;
      return longer;
    };
    for (let renewal = 0; renewal < 4; renewal += 1)
      await expect.poll(isRenewed, { interval: 10 }).toBe(true);
    expect(await stepsUntil(await foundRun(open(), head.id), 1)).toEqual(eventSteps(0, 1));
  });

  it("are lost when their gateway has died, and not before", async () => {
    const head = newHead();
    const dead = open({ leaseMs: 400, clock: { ...runsClock, setTimer: onlyShortTimers } });
    give(dead.publish(head), 0, 2);
    const found = await foundRun(open(), head.id, 2);
    expect(await stepsOf(found)).toEqual([...eventSteps(0, 2), lost]);
    expect(await open().find(head.id)).toBeUndefined();
  });

  it("are lost when their gateway stops before their end; what has ended stays", async () => {
    const stopping = openRuns(redis.url);
    const [running, done] = [newHead(), newHead()];
    give(stopping.publish(running), 0, 2);
    const found = await foundRun(open(), running.id, 2);
    const steps = iteratorOf(found.steps(1, never));
    const next = steps.next();
    const last = stopping.publish(done);
    give(last, 0, 3);
    last.end(undefined);
    await stopping.close();
    expect((await next).value).toEqual(lost);
    expect(await open().find(running.id)).toBeUndefined();
    expect(await stepsOf(await foundRun(open(), done.id))).toEqual([...eventSteps(0, 3), ended]);
    last.append("late");
    expect(await stopping.find(done.id)).toBeUndefined();
  });

  it("end for a reader that leaves or is told to", async () => {
    const head = newHead();
    const store = open();
    give(store.publish(head), 0, 1);
    const found = await foundRun(store, head.id, 1);
    const abort = new AbortController();
    const aborted = iteratorOf(found.steps(-1, abort.signal));
    const left = iteratorOf(found.steps(-1, never));
    for (const steps of [aborted, left]) expect((await steps.next()).value).toEqual(eventStep(0));
    const waiting = [aborted.next(), left.next()];
    abort.abort(new Error("gone"));
    await expect(waiting[0]).rejects.toThrow("gone");
    await left.return?.();
    expect((await waiting[1])?.done).toBe(true);
    expect((await aborted.next()).done).toBe(true);
    await expect(iteratorOf(found.steps(-1, abort.signal)).next()).rejects.toThrow("gone");
  });

  it("are read by two hundred readers at once, each at its own pace", async () => {
    const [writer, reader] = [open(), open()];
    const heads = Array.from({ length: 20 }, () => newHead());
    const runs = heads.map((head) => writer.publish(head));
    const found = await Promise.all(heads.map(({ id }) => foundRun(reader, id)));
    const readers = found.flatMap((run) =>
      Array.from({ length: 10 }, (_, at) => stepsAtPace(run.steps(-1, never), at)),
    );
    for (let n = 0; n < 300; n += 1) {
      for (const run of runs) run.append(eventText(n));
      if (n % 30 === 0) await new Promise(setImmediate);
    }
    for (const run of runs) run.end(undefined);
    const expected = [...eventSteps(0, 300), ended];
    for (const steps of await Promise.all(readers)) expect(steps).toEqual(expected);
  });

  it("may be large: ten MiB at once", async () => {
    const head = newHead();
    const run = open({ maxBytes: 20_000_000 }).publish(head);
    const text = "x".repeat(1_024);
    for (let n = 0; n < 10_240; n += 1) run.append(`${n} ${text}`);
    run.end(undefined);
    const found = await foundRun(open(), head.id, 10_240);
    let next = 0;
    for await (const step of found.steps(-1, never)) {
      if (step.type !== "event") {
        expect(step).toEqual(ended);
        continue;
      }
      if (step.sequence !== next || step.event !== `${next} ${text}`) throw new Error(`Not ${next}.`);
      next += 1;
    }
    expect(next).toBe(10_240);
  });

  it("are not read ahead of a reader that rests", async () => {
    const head = newHead();
    const run = open({ maxBytes: 20_000_000 }).publish(head);
    for (let n = 0; n < 2_000; n += 1) run.append("x".repeat(1_024));
    const found = await foundRun(open(), head.id, 2_000);
    const before = await sentBytes(redis);
    const steps = iteratorOf(found.steps(-1, never));
    await steps.next();
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect((await sentBytes(redis)) - before).toBeLessThan(100_000);
    await steps.return?.();
  });

  it("are given up, not told with a gap, where they give more than may wait", async () => {
    const store = open({ maxWaitingBytes: 10_000 });
    const head = newHead();
    const run = store.publish(head);
    give(run, 0, 20);
    const found = await foundRun(open(), head.id, 20);
    give(run, 20, 1_000);
    const steps = await stepsOf(found);
    expect(steps).toEqual([...eventSteps(0, steps.length - 1), lost]);
    await expect.poll(() => store.find(head.id)).toBeUndefined();
    // What waited has left its place to others.
    const next = newHead();
    const nextRun = store.publish(next);
    for (let n = 0; n < 500; n += 50) {
      give(nextRun, n, n + 50);
      await foundRun(store, next.id, n + 50);
    }
  });

  it("are given up where one event is too large", async () => {
    const store = open({ maxBytes: 100_000_000 });
    const head = newHead();
    const run = store.publish(head);
    const found = await foundRun(store, head.id);
    run.append("x".repeat(1_100_000));
    run.end(undefined);
    expect(await stepsOf(found)).toEqual([lost]);
  });
});

const onlyShortTimers: typeof runsClock.setTimer = (delayMs, run) =>
  delayMs > 50 ? { cancel() {} } : runsClock.setTimer(delayMs, run);

const sentBytes = async (redis: RedisServer): Promise<number> =>
  Number(/total_net_output_bytes:(\d+)/.exec(await redis.run("INFO", "stats"))?.[1]);

function publishedId(store: SharedRuns): string {
  const head = newHead();
  store.publish(head).end(undefined);
  return head.id;
}

async function stepsUntil(
  run: Awaited<ReturnType<typeof foundRun>>,
  count: number,
): Promise<SharedRunStep[]> {
  const steps: SharedRunStep[] = [];
  for await (const step of run.steps(-1, never)) if (steps.push(step) === count) break;
  return steps;
}

/** Rests for so many turns of the event loop after every tenth step. */
async function stepsAtPace(steps: AsyncIterable<SharedRunStep>, turns: number): Promise<SharedRunStep[]> {
  const all: SharedRunStep[] = [];
  for await (const step of steps) {
    all.push(step);
    for (let turn = 0; turn < turns && all.length % 10 === 0; turn += 1) await new Promise(setImmediate);
  }
  return all;
}
