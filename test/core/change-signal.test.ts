import { describe, expect, it } from "vitest";
import { createChangeSignal } from "../../src/core/change-signal.ts";
import type { Heard, Signals } from "../../src/core/signals.ts";
import { createManualClock } from "../support/manual-clock.ts";

/** Everybody's, in this process. */
function createSharedSignals() {
  const heards = new Set<Heard>();
  const signals: Signals = {
    publish(_, text) {
      for (const heard of heards) heard(text);
    },
    subscribe(_, heard) {
      heards.add(heard);
      return () => void heards.delete(heard);
    },
  };
  return { signals, heards };
}

function begin() {
  const clock = createManualClock();
  const shared = createSharedSignals();
  const looks: number[] = [];
  const signal = createChangeSignal({
    signals: shared.signals,
    channel: "c",
    self: "own",
    clock,
    look: () => void looks.push(clock.monotonicMs()),
  });
  const startMs = clock.monotonicMs();
  signal.start();
  return { ...shared, signal, clock, looksMs: () => looks.map((ms) => ms - startMs) };
}

describe("what another gateway has changed", () => {
  it("is looked at at once, and what this one has is not", () => {
    const { signals, signal, looksMs } = begin();
    signal.tell();
    expect(looksMs()).toEqual([]);
    signals.publish("c", "another");
    expect(looksMs()).toEqual([0]);
  });

  it("is looked at where something may have been missed", () => {
    const { heards, looksMs } = begin();
    for (const heard of heards) heard(undefined);
    expect(looksMs()).toEqual([0]);
  });

  it("is looked at fifty times a second at most, and after the last signal once more", () => {
    const { signals, clock, looksMs } = begin();
    for (let ms = 0; ms < 80; ms += 1) {
      for (let i = 0; i < 10; i += 1) signals.publish("c", `another ${i}`);
      clock.advance(1);
    }
    clock.advance(1_000);
    expect(looksMs()).toEqual([0, 20, 40, 60, 80]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is nobody's business any more once it is stopped", () => {
    const { signals, signal, heards, clock, looksMs } = begin();
    signals.publish("c", "another");
    signals.publish("c", "another");
    signal.stop();
    expect([heards.size, clock.pendingTimers]).toEqual([0, 0]);
    expect(looksMs()).toEqual([0]);
  });
});
