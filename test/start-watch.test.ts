import { expect, it } from "vitest";
import { createStartWatch, giveUpAfterMs, sayAfterMs } from "../src/start-watch.ts";
import { createManualClock } from "./support/manual-clock.ts";

function watched() {
  const clock = createManualClock();
  const said: string[] = [];
  const given: string[] = [];
  const watch = createStartWatch({
    clock,
    say: (message) => said.push(message),
    giveUp: (message) => given.push(message),
  });
  return { clock, said, given, watch };
}

it("a start that is quick says nothing and leaves no timer", () => {
  const { clock, said, given, watch } = watched();
  watch.waitsFor("the database");
  clock.advance(sayAfterMs - 1);
  watch.done();
  clock.advance(giveUpAfterMs);
  expect({ said, given, timers: clock.pendingTimers }).toEqual({ said: [], given: [], timers: 0 });
});

it("a start that waits says once for what, and gives up in the end", () => {
  const { clock, said, given, watch } = watched();
  watch.waitsFor("the database");
  clock.advance(giveUpAfterMs);
  expect(said).toEqual(["The start waits for the database."]);
  expect(given).toEqual(["Waited 300 s for the database. See that it can be reached, and start again."]);
});

it("each wait has its own time, and only the last is spoken of", () => {
  const { clock, said, given, watch } = watched();
  watch.waitsFor("the database");
  clock.advance(sayAfterMs - 1);
  watch.waitsFor("lists of models");
  clock.advance(sayAfterMs);
  expect(said).toEqual(["The start waits for lists of models."]);
  expect(given).toEqual([]);
});
