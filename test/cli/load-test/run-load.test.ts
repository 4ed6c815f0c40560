import { expect, it } from "vitest";
import type { LoadCaller } from "../../../src/cli/load-test/load-caller.ts";
import { runLoad } from "../../../src/cli/load-test/run-load.ts";
import { createManualClock } from "../../support/manual-clock.ts";

/** Lets everything that is ready run. */
const settle = () => new Promise(setImmediate);

it("a gateway that stands still makes every call wait that came meanwhile, not only those that were open", async () => {
  const clock = createManualClock();
  // It answers nothing for the first second, and everything at once after it.
  const { promise: up, resolve: comeUp } = Promise.withResolvers<void>();
  const caller: LoadCaller = {
    async call() {
      await up;
      return { code: "ok", attempts: 1 };
    },
    close: () => undefined,
  };
  const running = runLoad({ rate: 100, seconds: 1 }, { caller, clock, signal: new AbortController().signal });
  clock.advance(1_000);
  comeUp();
  await settle();
  const { latencyMs, sent, ok } = await running;
  expect({ sent, ok }).toEqual({ sent: 100, ok: 100 });
  // Due every 10 ms, all answered at 1,000.
  expect(latencyMs?.p50).toBeCloseTo(500, -2);
  expect(latencyMs?.p99).toBeCloseTo(990, -2);
  expect(latencyMs?.max).toBeCloseTo(1_000, -1);
});

it("what is not answered half a minute after the last call is unfinished", async () => {
  const clock = createManualClock();
  const caller: LoadCaller = {
    call: (signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve({ code: "unfinished" }));
      }),
    close: () => undefined,
  };
  const running = runLoad({ rate: 2, seconds: 1 }, { caller, clock, signal: new AbortController().signal });
  clock.advance(1_000);
  await settle();
  clock.advance(30_000);
  expect(await running).toMatchObject({ sent: 2, ok: 0, errors: { unfinished: 2 } });
  expect(clock.pendingTimers).toBe(0);
});
