// The steps of a stop in time, whatever the ports and the database do.

import { describe, expect, test } from "vitest";
import { stopGracefully } from "../src/stop-gracefully.ts";
import { createManualClock } from "./support/manual-clock.ts";
import { turn } from "./support/turn.ts";

const never = () => new Promise<void>(() => {});
const atOnce = () => Promise.resolve();

function stopping(parts: {
  readonly drain?: () => Promise<void>;
  readonly closePorts?: () => Promise<void>;
  readonly closeGateway?: () => Promise<void>;
}) {
  const clock = createManualClock();
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await turn();
  };
  const steps: string[] = [];
  const warned: string[] = [];
  const step = (name: string, work: () => Promise<void> = atOnce) => {
    steps.push(name);
    return work();
  };
  const stopped = stopGracefully({
    gateway: {
      announceStop: () => void step("announce"),
      refuseCalls: () => void step("refuse"),
      close: () => step("close gateway", parts.closeGateway),
    },
    ports: {
      announceStop: () => void step("announce on ports"),
      drain: () => step("drain", parts.drain),
      close: () => step("close ports", parts.closePorts),
    },
    clock,
    delayMs: 1_000,
    timeoutMs: 30_000,
    warn: (message) => warned.push(message),
  });
  return { pass, steps, warned, stopped };
}

test("it says so, serves for the delay, refuses, lets open calls end, and closes", async () => {
  const { pass, steps, warned, stopped } = stopping({});
  expect(steps).toEqual(["announce", "announce on ports"]);
  await pass(1_000);
  await stopped;
  expect(steps.slice(2)).toEqual(["refuse", "drain", "close gateway"]);
  expect(warned).toEqual([]);
});

describe("a gateway that does not close", () => {
  test.each([
    ["after the last call has ended", {}, 0],
    ["after open calls were ended", { drain: never }, 30_000],
    ["while the ports do not close", { drain: never, closePorts: never }, 30_000],
  ])("holds it up for ten seconds: %s", async (_, parts, drainMs) => {
    const { pass, warned, stopped } = stopping({ ...parts, closeGateway: never });
    let over = false;
    void stopped.then(() => (over = true));
    await pass(1_000);
    await pass(drainMs);
    await pass(9_999);
    expect(over).toBe(false);
    await pass(1);
    await stopped;
    expect(warned.at(-1)).toMatch(/did not close within 10 s, and records/);
  });
});

test("a port that fails keeps nobody from writing the records, and the stop has failed", async () => {
  const { pass, steps, stopped } = stopping({ drain: () => Promise.reject(new Error("made on purpose")) });
  const failed = expect(stopped).rejects.toThrow("made on purpose");
  await pass(1_000);
  await failed;
  expect(steps.at(-1)).toBe("close gateway");
});
