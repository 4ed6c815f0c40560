// How runs end whose readers are not there, or do not ask.

import { expect, it } from "vitest";
import { createOpenCalls } from "../../../src/core/open-calls.ts";
import {
  delta,
  errorOf,
  finished,
  partFinished,
  request,
  started,
  textStarted,
} from "../../support/chat-scripts.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedProvider, type Step } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";

function running(...steps: readonly Step[]) {
  const clock = createManualClock();
  const openCalls = createOpenCalls();
  const provider = createScriptedProvider({ steps: [started, textStarted, delta("one "), ...steps] });
  const made = createTestGateway({ providers: { first: provider }, clock, openCalls });
  return { ...made, clock, openCalls, provider };
}

it("a resumable run whose rest is there when its caller goes waits for nobody", async () => {
  const { gateway, clock, openCalls, ledger } = running(partFinished, finished);
  const { events } = await gateway.stream(request, { resumable: true });
  const iterator = events[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.return?.();
  await turn();
  expect(ledger.settled).toMatchObject([{ status: "ok" }]);
  expect([openCalls.all(), clock.pendingTimers]).toEqual([[], 0]);
});

it("a run whose time is over while nobody asks for more has ended for all", async () => {
  const { gateway, clock, openCalls, ledger, provider } = running("hang");
  const options = { resumable: true, timeoutMs: 1_000 };
  const { meta, events } = await gateway.stream(request, options);
  await events[Symbol.asyncIterator]().next();
  clock.advance(1_000);
  await turn();
  expect(provider.calls[0]?.context.signal.aborted).toBe(true);
  expect(ledger.settled).toMatchObject([{ errorCode: "deadline_exceeded" }]);
  expect([openCalls.all(), clock.pendingTimers]).toEqual([[], 0]);
  const rest = await gateway.resume(meta.requestId, 0);
  expect((await errorOf(rest.events[Symbol.asyncIterator]().next())).code).toBe("deadline_exceeded");
  expect([openCalls.all(), clock.pendingTimers]).toEqual([[], 0]);
  // As one that has ended it is not kept for ever.
  clock.advance(86_400_000);
  expect((await errorOf(gateway.resume(meta.requestId, 0))).code).toBe("not_found");
});
