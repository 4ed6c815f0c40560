import { expect, it } from "vitest";
import { KeySettling, type OwnRun } from "../../../src/core/runs/key-settling.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createTestKeys } from "../../support/memory-keys.ts";
import { turn } from "../../support/turn.ts";

const runOf = (runId: string): OwnRun => ({ tenantId: "acme", key: runId, runId });

it("a key is held for nobody only until it could be freed, by the clock or by who comes with it", async () => {
  const clock = createManualClock();
  const store = createTestKeys(clock);
  const settling = new KeySettling({ store, clock, reportFault() {} });
  await settling.release(runOf("a"));
  expect(await settling.freeHeld("a")).toBe(false);
  store.failing.add("release");
  await settling.release(runOf("b"));
  await settling.release(runOf("c"));
  await expect(settling.freeHeld("b")).rejects.toMatchObject({ code: "unavailable" });
  store.failing.clear();
  expect([await settling.freeHeld("b"), await settling.freeHeld("b")]).toEqual([true, false]);
  clock.advance(1_000);
  await turn();
  expect(await settling.freeHeld("c")).toBe(false);
  await settling.close();
  expect(clock.pendingTimers).toBe(0);
});
