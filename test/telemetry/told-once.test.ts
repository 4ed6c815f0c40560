import { expect, test } from "vitest";
import { toldOnce } from "../../src/telemetry/told-once.ts";
import { createManualClock } from "../support/manual-clock.ts";

test("what several parts notice at a time is told once, whatever each was told of it, and again later", () => {
  const clock = createManualClock();
  const told: string[] = [];
  const log = toldOnce({ info() {}, error() {}, warn: (message) => void told.push(message) }, clock);
  log.warn("It went away. (closed)");
  log.warn("It went away. (no answer)");
  log.warn("It is back.");
  clock.advance(4_999);
  log.warn("It went away. (closed)");
  clock.advance(1);
  log.warn("It went away. (closed)");
  expect(told).toEqual(["It went away. (closed)", "It is back.", "It went away. (closed)"]);
});

test("many things are each told", () => {
  const told: string[] = [];
  const log = toldOnce(
    { info() {}, error() {}, warn: (message) => void told.push(message) },
    createManualClock(),
  );
  for (let n = 0; n < 1_000; n += 1) log.warn(`Thing ${n}.`);
  expect(told).toHaveLength(1_000);
});
