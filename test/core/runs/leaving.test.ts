// Who reads a run may leave it, in any order.

import { describe, expect, it } from "vitest";
import { createOpenCalls } from "../../../src/core/open-calls.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { failing, request, textOf } from "../../support/chat-scripts.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import {
  alice,
  expectQuiet,
  gate,
  heads,
  keyed,
  type Listener,
  resumable,
  resuming,
  type RunningOptions,
  startGateway,
  streaming,
  tails,
  word,
} from "./running-gateway.ts";

function begin(options: RunningOptions = {}) {
  const [first, second] = [gate(), gate()];
  const steps = [...heads, first.step, word("Good "), second.step, word("day"), ...tails];
  return { first, second, running: startGateway([{ steps }], options) };
}

const ways: readonly [string, (listener: Listener) => unknown][] = [
  ["goes away", (listener) => listener.goAway()],
  ["leaves the events", (listener) => listener.leave()],
];

describe.each(ways)("a reader that %s", (_, leave) => {
  it.each([true, false])(
    "and was the first lets the run go on for others (sent something: %s)",
    async (sent) => {
      const { first, second, running } = begin();
      const [one, two] = [streaming(running, keyed()), streaming(running, keyed())];
      await turn();
      if (sent) first.open();
      await turn();
      void leave(one);
      await turn();
      first.open();
      second.open();
      await turn();
      expect([textOf(two.events), two.error]).toEqual(["Good day", undefined]);
      // Before there are events, there is nothing to leave but the connection.
      if (sent) expect(textOf(one.events)).toBe("Good ");
      expect(running.ledger.settled).toMatchObject([{ status: "ok" }]);
      expect(running.provider.calls[0]?.context.signal.aborted).toBe(false);
      await expectQuiet(running);
    },
  );

  it("and was the last closes the upstream, and the call is settled once", async () => {
    const { first, running } = begin();
    const both = [streaming(running, keyed()), streaming(running, keyed())];
    await turn();
    first.open();
    await turn();
    for (const each of both) {
      expect(running.ledger.settled).toEqual([]);
      void leave(each);
      await turn();
    }
    expect(both.map(({ ended }) => ended)).toEqual([true, true]);
    expect(running.provider.ended).toBe(1);
    expect(running.ledger.settled).toMatchObject([{ status: "cancelled", errorCode: "cancelled" }]);
    expect(running.ledger.attempts).toMatchObject([{ status: "cancelled" }]);
    await expectQuiet(running);
  });

  it("and was given what was kept is over", async () => {
    const { first, second, running } = begin();
    first.open();
    second.open();
    await running.gateway.chat(request, keyed());
    const again = running.restarted();
    for (const { gateway } of [running, again]) {
      const reply = await gateway.stream(request, keyed());
      await reply.events[Symbol.asyncIterator]().return?.();
      expect(running.clock.pendingTimers).toBe(0);
    }
    await expectQuiet(running);
    await expectQuiet(again);
  });
});

describe("deadlines", () => {
  it("end a duplicate alone", async () => {
    const { first, second, running } = begin();
    const one = streaming(running, keyed());
    const two = streaming(running, keyed({ timeoutMs: 1_000 }));
    await turn();
    first.open();
    await turn();
    running.clock.advance(1_000);
    await turn();
    expect([two.error?.code, one.ended]).toEqual(["deadline_exceeded", false]);
    second.open();
    await turn();
    expect(textOf(one.events)).toBe("Good day");
    await expectQuiet(running);
  });

  it("of the first caller end it alone while a duplicate waits longer, before and after the first event", async () => {
    for (const sent of [false, true]) {
      const { first, second, running } = begin();
      const one = streaming(running, keyed({ timeoutMs: 1_000 }));
      const two = streaming(running, keyed({ timeoutMs: 60_000 }));
      await turn();
      if (sent) first.open();
      await turn();
      running.clock.advance(1_000);
      await turn();
      expect([one.error?.code, two.ended]).toEqual(["deadline_exceeded", false]);
      first.open();
      second.open();
      await turn();
      expect([textOf(two.events), two.error]).toEqual(["Good day", undefined]);
      expect(running.ledger.settled).toMatchObject([{ status: "ok" }]);
      await expectQuiet(running);
    }
  });

  it("of whoever waits longest holds for what is tried next", async () => {
    const wait = gate();
    const first = createScriptedProvider({ steps: [wait.step, failing("unavailable")] });
    const second = createScriptedProvider(textScript("x"));
    const running = startGateway([], { providers: { first, second } });
    const one = streaming(running, keyed({ timeoutMs: 1_000 }));
    const two = streaming(running, keyed({ timeoutMs: 60_000 }));
    await turn();
    running.clock.advance(2_000);
    await turn();
    wait.open();
    await turn();
    expect([one.error?.code, textOf(two.events)]).toEqual(["deadline_exceeded", "x"]);
    expect(second.calls[0]?.context.remainingMs).toBe(58_000);
    await expectQuiet(running);
  });

  it("end a reply that nobody reads: a duplicate's, and one that was kept", async () => {
    const { first, second, running } = begin();
    const openCalls = createOpenCalls();
    const again = running.restarted(undefined, { openCalls });
    const one = streaming(running, keyed());
    await turn();
    first.open();
    const unread = await running.gateway.stream(request, keyed({ timeoutMs: 500 }));
    second.open();
    await turn();
    expect(one.ended).toBe(true);
    const kept = await again.gateway.stream(request, keyed({ timeoutMs: 500 }));
    expect(openCalls.all()).toHaveLength(1);
    running.clock.advance(500);
    expect(openCalls.all()).toHaveLength(0);
    expect(running.clock.pendingTimers).toBe(0);
    for (const { events } of [unread, kept]) {
      await expect(events[Symbol.asyncIterator]().next()).rejects.toMatchObject({
        code: "deadline_exceeded",
      });
    }
    await expectQuiet(running);
    await expectQuiet(again);
  });
});

describe("a gateway that stops", () => {
  it.each([true, false])("ends its runs, and their readers, once (sent something: %s)", async (sent) => {
    const { first, running } = begin();
    const readers = [
      streaming(running, keyed()),
      streaming(running, keyed()),
      streaming(running, resumable()),
      streaming(running, resumable()),
    ];
    await turn();
    if (sent) first.open();
    await turn();
    readers[3]?.goAway();
    await turn();
    running.gateway.refuseCalls();
    const late = streaming(running, keyed());
    await turn();
    expect([late.error?.code, readers[0]?.ended]).toEqual(["unavailable", false]);
    await expectQuiet(running);
    expect(readers.map(({ error }) => error?.code)).toEqual([
      "unavailable",
      "unavailable",
      "unavailable",
      "cancelled",
    ]);
    expect(running.ledger.settled.map(({ errorCode }) => errorCode)).toEqual([
      "unavailable",
      "unavailable",
      "unavailable",
    ]);
    const again = running.restarted();
    const repeated = streaming(again, keyed());
    await turn();
    // What was sent is kept; what was not is run anew.
    if (sent) expect([textOf(repeated.events), repeated.error?.code]).toEqual(["Good ", "unavailable"]);
    else expect(again.provider.calls).toHaveLength(1);
    repeated.goAway();
    await turn();
    await expectQuiet(again);
  });
});

describe("a caller who may not call any more", () => {
  it("ends alone where others read, and its run waits for nobody after them", async () => {
    const openCalls = createOpenCalls();
    const { first, running } = begin({ openCalls });
    const one = streaming(running, keyed({ resumable: true }));
    await turn();
    const colleague = { ...alice, apiKeyId: "key-b" };
    const two = streaming(running, keyed({ principal: colleague }));
    first.open();
    await turn();
    const revoked = new GatewayError({ code: "unauthenticated", message: "The key was revoked." });
    openCalls.endWhere(({ apiKeyId }) => (apiKeyId === "key-a" ? revoked : undefined));
    await turn();
    expect([one.error?.code, two.ended]).toEqual(["unauthenticated", false]);
    const resumed = resuming(running, "id-1");
    await turn();
    expect(resumed.error?.code).toBe("unauthenticated");
    two.goAway();
    await turn();
    expect(running.ledger.settled).toMatchObject([{ status: "cancelled" }]);
    await expectQuiet(running);
  });
});
