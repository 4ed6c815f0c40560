import { expect, it } from "vitest";
import { KeySettling, type OwnRun } from "../../../src/core/runs/key-settling.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createTestKeys } from "../../support/memory-keys.ts";
import { turn } from "../../support/turn.ts";

const runOf = (key: string): OwnRun => ({ tenantId: "acme", key, runId: `run of ${key}` });

it("a key is held for nobody only until it could be freed, by the clock or by who comes with it", async () => {
  const clock = createManualClock();
  const store = createTestKeys(clock);
  const settling = new KeySettling({ store, clock, reportFault() {} });
  const claim = async (run: OwnRun): Promise<string> => {
    const createdAtMs = clock.epochMs();
    const rest = { requestHash: "h", nodeId: "n", createdAtMs, expiresAtMs: createdAtMs + 86_400_000 };
    return (await settling.claim({ ...run, ...rest })).state;
  };
  for (const key of ["a", "b", "c", "d"]) expect(await claim(runOf(key))).toBe("claimed");
  await settling.release(runOf("a"));
  expect(await claim({ ...runOf("a"), runId: "later" })).toBe("claimed");
  store.failing.add("release");
  await settling.release(runOf("b"));
  await settling.release(runOf("c"));
  await expect(claim({ ...runOf("b"), runId: "later" })).rejects.toMatchObject({ code: "unavailable" });
  store.failing.clear();
  expect(await claim({ ...runOf("b"), runId: "later" })).toBe("claimed");
  expect(await claim({ ...runOf("b"), runId: "third" })).toBe("running");
  expect(await claim({ ...runOf("d"), runId: "later" })).toBe("running");
  clock.advance(1_000);
  await turn();
  expect(await claim({ ...runOf("c"), runId: "later" })).toBe("claimed");
  await settling.close();
  expect(clock.pendingTimers).toBe(0);
});
