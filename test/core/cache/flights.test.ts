import { describe, expect, it } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { ChatReply } from "../../../src/core/chat/gather.ts";
import { errorOf, failing, refusing, textOf } from "../../support/chat-scripts.ts";
import { limitedPrincipal } from "../../support/limited-principal.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import { asked, cachingGateway, type CachingGateway, settledOf, StreamReader } from "./caching-gateway.ts";
import { type GatedAnswer, gatedAnswer, wholeCost, wholeScript, wholeText } from "./gated-answer.ts";

interface Flying extends CachingGateway {
  readonly answer: GatedAnswer;
  readonly provider: ReturnType<typeof createScriptedProvider>;
  readonly read: (options?: ConstructorParameters<typeof StreamReader>[2]) => StreamReader;
}

function flying(failure?: Error): Flying {
  const answer = gatedAnswer(failure);
  const provider = createScriptedProvider(answer.script, wholeScript);
  const made = cachingGateway({ providers: { first: provider } });
  return { ...made, answer, provider, read: (options) => new StreamReader(made.gateway, asked, options) };
}

const partsOf = ({ parts }: ChatReply) => parts.map((part) => ("text" in part ? part.text : part.kind));
const byId = ({ ledger }: CachingGateway) => ledger.opened.map(({ id }) => id);

describe("equal calls at a time", () => {
  it("are one upstream call, streamed and unary ones alike: one pays", async () => {
    const { gateway, provider, ledger, answer, expectNothingHeld } = flying();
    const streams = [1, 2, 3].map(() => new StreamReader(gateway).readAll());
    const unary = [1, 2, 3].map(() => gateway.chat(asked));
    await turn();
    await answer.begin();
    await answer.end();
    await Promise.all(streams.map(({ done }) => done));
    const replies = await Promise.all(unary);
    expect(provider.calls).toHaveLength(1);
    expect(streams.map(({ events }) => textOf(events))).toEqual([wholeText, wholeText, wholeText]);
    expect(replies.map(partsOf)).toEqual([[wholeText], [wholeText], [wholeText]]);
    const [leader, ...followers] = ledger.settled.toSorted((a, b) => a.id.localeCompare(b.id));
    expect(leader).toMatchObject({
      status: "ok",
      cacheStatus: "miss",
      costNanos: wholeCost,
      attempts: 1,
      savedNanos: undefined,
      answeredFrom: undefined,
    });
    expect(followers).toHaveLength(5);
    for (const follower of followers) {
      expect(follower).toMatchObject({
        status: "ok",
        cacheStatus: "hit",
        costNanos: 0n,
        attempts: 0,
        usage: undefined,
        savedNanos: wholeCost,
        answeredFrom: leader?.id,
        route: "default",
        provider: "first",
        model: "m",
        modelServed: "scripted-1",
        finishReason: "stop",
        replyBody: { parts: [{ kind: "text", text: wholeText }] },
      });
    }
    expectNothingHeld();
  });

  it("are one upstream call, a thousand of them", async () => {
    const { gateway, provider, ledger, answer, expectNothingHeld } = flying();
    const replies = Array.from({ length: 1_000 }, () => gateway.chat(asked));
    await turn();
    await answer.begin();
    await answer.end();
    expect(new Set((await Promise.all(replies)).flatMap(partsOf))).toEqual(new Set([wholeText]));
    expect(provider.calls).toHaveLength(1);
    expect(ledger.settled.filter(({ costNanos }) => costNanos !== 0n)).toHaveLength(1);
    expectNothingHeld();
  });

  it("have ids, times and sequences of their own", async () => {
    const { read, answer, clock, ledger } = flying();
    const first = read().readAll();
    await turn();
    clock.advance(7);
    const second = read().readAll();
    await answer.begin();
    clock.advance(11);
    await answer.end();
    await Promise.all([first.done, second.done]);
    for (const [at, { events }] of [first, second].entries()) {
      const { id, createdAtMs } = ledger.opened[at] ?? {};
      expect(events[0]).toMatchObject({ type: "started", id, createdAtMs, provider: "first" });
      expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index));
      expect(events.at(-1)).toMatchObject({ type: "finished", meta: { requestId: id } });
    }
    expect(second.events[0]).toMatchObject({ meta: { cacheStatus: "hit", attempts: 0, provider: "first" } });
    expect(second.events.at(-1)).toMatchObject({
      meta: { cacheStatus: "hit", attempts: 0, costNanos: 0n, latencyMs: 11, modelServed: "scripted-1" },
    });
    expect(first.events.at(-1)).toMatchObject({
      meta: { cacheStatus: "miss", attempts: 1, costNanos: wholeCost, latencyMs: 18 },
    });
    expect(ledger.settled.map(({ timeToFirstTokenMs }) => timeToFirstTokenMs)).toEqual([7, 0]);
  });

  it("that come in its middle are given all of it", async () => {
    const { read, gateway, answer, provider, expectNothingHeld } = flying();
    const first = read().readAll();
    await answer.begin();
    const second = read().readAll();
    const third = gateway.chat(asked);
    await turn();
    expect(textOf(second.events)).toBe("one ");
    await answer.end();
    await Promise.all([first.done, second.done]);
    expect(textOf(second.events)).toBe(wholeText);
    expect(partsOf(await third)).toEqual([wholeText]);
    expect(provider.calls).toHaveLength(1);
    expectNothingHeld();
  });

  it("read at their own pace, and lose nothing", async () => {
    const { read, answer, expectNothingHeld } = flying();
    const first = read().readAll();
    const slow = read();
    await turn();
    await answer.begin();
    await slow.read();
    await answer.end();
    await first.done;
    expect(slow.events).toHaveLength(1);
    await slow.readAll().done;
    expect(textOf(slow.events)).toBe(wholeText);
    expect(slow.events.map(({ sequence }) => sequence)).toEqual(slow.events.map((_, index) => index));
    expectNothingHeld();
  });

  it("that want another answer are not shared", async () => {
    const { gateway, provider, answer, expectNothingHeld } = flying();
    const one = gateway.chat(asked);
    const other = gateway.chat({ ...asked, maxOutputTokens: 7 });
    await other;
    await answer.begin();
    await answer.end();
    await one;
    expect(provider.calls).toHaveLength(2);
    expectNothingHeld();
  });

  it.each<[string, Principal, Principal]>([
    [
      "with other lists of models",
      limitedPrincipal({}),
      { ...limitedPrincipal({}), grants: withModels(["m", "n"]) },
    ],
    ["of other tenants", limitedPrincipal({}), limitedPrincipal({}, { tenantId: "umbrella" })],
  ])("are not shared by callers %s", async (_, one, other) => {
    const { gateway, provider, answer, expectNothingHeld } = flying();
    const first = gateway.chat(asked, { principal: one });
    await turn();
    await gateway.chat(asked, { principal: other });
    await answer.begin();
    await answer.end();
    await first;
    expect(provider.calls).toHaveLength(2);
    expectNothingHeld();
  });
});

function withModels(allowedModels: readonly string[]): Principal["grants"] {
  const { grants } = limitedPrincipal({});
  return grants && { ...grants, tenant: { ...grants.tenant, allowedModels } };
}

describe("a flight whose leader's caller leaves", () => {
  it.each(["before its commit", "after it"])("%s goes on for others, and is paid once", async (when) => {
    const flight = flying();
    const { read, answer, provider, ledger, expectNothingHeld } = flight;
    const leader = read().readAll();
    const follower = read().readAll();
    await turn();
    if (when === "after it") await answer.begin();
    leader.leave();
    await leader.done;
    expect(leader.error).toMatchObject({ code: "cancelled" });
    expect(ledger.settled).toEqual([]);
    await answer.begin();
    const late = read().readAll();
    await answer.end();
    await Promise.all([follower.done, late.done]);
    expect([follower, late].map(({ events }) => textOf(events))).toEqual([wholeText, wholeText]);
    const [leaderId, ...others] = byId(flight);
    expect(settledOf(flight, leaderId)).toMatchObject({
      status: "cancelled",
      errorCode: "cancelled",
      costNanos: wholeCost,
      attempts: 1,
    });
    for (const id of others) {
      expect(settledOf(flight, id)).toMatchObject({ status: "ok", costNanos: 0n, answeredFrom: leaderId });
    }
    expect(provider.calls).toHaveLength(1);
    expectNothingHeld();
  });

  it.each(["before its commit", "after it"])("%s ends at once where nobody follows", async (when) => {
    const flight = flying();
    const { read, answer, provider, ledger, gateway, expectNothingHeld } = flight;
    const leader = read();
    await turn();
    if (when === "after it") {
      await answer.begin();
      await leader.read();
    }
    // It does not ask for more: nothing but its signal tells of its end.
    leader.caller.abort();
    await turn();
    expect(provider.calls[0]?.context.signal.aborted).toBe(true);
    expect(ledger.settled).toMatchObject([{ status: "cancelled", attempts: 1 }]);
    expectNothingHeld();
    // It is nobody's any more.
    expect(partsOf(await gateway.chat(asked))).toEqual([wholeText]);
    expect(provider.calls).toHaveLength(2);
    expectNothingHeld();
  });

  it.each(["before its commit", "after it"])("%s ends when the last one leaves", async (when) => {
    const flight = flying();
    const { read, answer, provider, ledger, gateway, expectNothingHeld } = flight;
    const [leader, one, other] = [read(), read(), read()];
    await turn();
    if (when === "after it") {
      await answer.begin();
      await Promise.all([leader.read(), one.read(), other.read()]);
    }
    leader.caller.abort();
    await turn();
    one.caller.abort();
    await turn();
    expect(provider.calls[0]?.context.signal.aborted).toBe(false);
    expect(ledger.settled).toHaveLength(1);
    other.caller.abort();
    await turn();
    expect(provider.calls[0]?.context.signal.aborted).toBe(true);
    expect(ledger.settled.map(({ status, attempts }) => [status, attempts])).toEqual([
      ["cancelled", 0],
      ["cancelled", 0],
      ["cancelled", 1],
    ]);
    await Promise.all([leader, one, other].map((reader) => reader.opened));
    expectNothingHeld();
    expect(partsOf(await gateway.chat(asked))).toEqual([wholeText]);
    expectNothingHeld();
  });

  it("a follower that leaves is told so at once, and the others read on", async () => {
    const flight = flying();
    const { gateway, read, answer, expectNothingHeld } = flight;
    const leader = read().readAll();
    await turn();
    const caller = new AbortController();
    const follower = gateway.chat(asked, { signal: caller.signal });
    await turn();
    caller.abort();
    expect((await errorOf(follower)).code).toBe("cancelled");
    await answer.begin();
    await answer.end();
    await leader.done;
    expect(textOf(leader.events)).toBe(wholeText);
    expectNothingHeld();
  });

  it("its deadline passes alone: others have their own", async () => {
    const flight = flying();
    const { read, answer, clock, provider, ledger, expectNothingHeld } = flight;
    const leader = read({ timeoutMs: 1_000 }).readAll();
    await turn();
    const follower = read({ timeoutMs: 5_000 }).readAll();
    await turn();
    await answer.begin();
    clock.advance(2_000);
    await leader.done;
    expect(leader.error).toMatchObject({ code: "deadline_exceeded" });
    expect(ledger.settled).toEqual([]);
    await answer.end();
    await follower.done;
    expect(textOf(follower.events)).toBe(wholeText);
    expect(settledOf(flight, byId(flight)[0])).toMatchObject({
      status: "failed",
      errorCode: "deadline_exceeded",
      costNanos: wholeCost,
    });
    expect(provider.calls).toHaveLength(1);
    expectNothingHeld();
  });

  it("it has the time of whoever waits longest, for further attempts too", async () => {
    const provider = createScriptedProvider(refusing("overloaded", { retryAfterMs: 3_000 }), wholeScript);
    const { gateway, clock, expectNothingHeld } = cachingGateway({
      providers: { first: provider },
      retries: 1,
    });
    const leader = errorOf(gateway.chat(asked, { timeoutMs: 1_000 }));
    const follower = gateway.chat(asked, { timeoutMs: 9_000 });
    await turn();
    clock.advance(1_000);
    expect((await leader).code).toBe("deadline_exceeded");
    clock.advance(4_000);
    expect(partsOf(await follower)).toEqual([wholeText]);
    expect(provider.calls).toHaveLength(2);
    expectNothingHeld();
  });

  it("a follower's deadline ends it where nobody else is left", async () => {
    const { read, answer, clock, provider, expectNothingHeld, ledger } = flying();
    const leader = read({ timeoutMs: 1_000 });
    const follower = read({ timeoutMs: 5_000 });
    await answer.begin();
    await Promise.all([leader.read(), follower.read()]);
    clock.advance(5_000);
    await turn();
    expect(provider.calls[0]?.context.signal.aborted).toBe(true);
    expect(ledger.settled.map(({ errorCode }) => errorCode)).toEqual([
      "deadline_exceeded",
      "deadline_exceeded",
    ]);
    expectNothingHeld();
  });
});

describe("a flight that fails", () => {
  it("fails for all of its callers, each with a record of its own", async () => {
    const provider = createScriptedProvider(refusing("unavailable"));
    const flight = cachingGateway({ providers: { first: provider } });
    const { gateway, ledger, expectNothingHeld } = flight;
    const errors = await Promise.all([1, 2, 3].map(() => errorOf(gateway.chat(asked))));
    expect(errors.map(({ code, meta }) => [code, meta?.requestId])).toEqual(
      byId(flight).map((id) => ["all_providers_failed", id]),
    );
    expect(errors[1]?.attempts).toMatchObject([{ provider: "first" }]);
    expect(provider.calls).toHaveLength(1);
    expect(ledger.settled.map(({ status, attempts }) => [status, attempts])).toEqual([
      ["failed", 1],
      ["failed", 0],
      ["failed", 0],
    ]);
    expectNothingHeld();
  });

  it("by its caller's own fault is no refusal of the gateway for anyone", async () => {
    const provider = createScriptedProvider(refusing("caller_fault"));
    const { gateway, ledger, expectNothingHeld } = cachingGateway({ providers: { first: provider } });
    const errors = await Promise.all([1, 2].map(() => errorOf(gateway.chat(asked))));
    expect(errors.map(({ code }) => code)).toEqual(["invalid_request", "invalid_request"]);
    expect(ledger.settled.map(({ status, answeredFrom }) => [status, answeredFrom])).toEqual([
      ["failed", undefined],
      ["failed", ledger.opened[0]?.id],
    ]);
    expectNothingHeld();
  });

  it("in its middle gives all of them what came, and then the error", async () => {
    const flight = flying(failing("unavailable"));
    const { read, answer, ledger, expectNothingHeld } = flight;
    const readers = [read().readAll(), read().readAll()];
    await answer.begin();
    await answer.end();
    await Promise.all(readers.map(({ done }) => done));
    for (const { events, error } of readers) {
      expect(textOf(events)).toBe("one ");
      expect(error).toMatchObject({ code: "all_providers_failed" });
    }
    expect(ledger.settled.map(({ status }) => status)).toEqual(["failed", "failed"]);
    expectNothingHeld();
  });

  it("in its middle has given nothing to who wants it whole: that call asks for itself", async () => {
    const { read, gateway, answer, ledger, provider, expectNothingHeld } = flying(failing("unavailable"));
    const first = read().readAll();
    const second = gateway.chat(asked);
    await answer.begin();
    await answer.end();
    await first.done;
    expect(first.error).toMatchObject({ code: "all_providers_failed" });
    expect(partsOf(await second)).toEqual([wholeText]);
    expect(provider.calls).toHaveLength(2);
    expect(
      ledger.settled.map(({ status, cacheStatus, attempts }) => [status, cacheStatus, attempts]),
    ).toEqual([
      ["failed", "miss", 1],
      ["ok", "miss", 1],
    ]);
    expectNothingHeld();
  });
});

describe("a gateway that closes", () => {
  it.each(["before their commit", "after it"])("ends flights %s, each of their calls once", async (when) => {
    const { gateway, read, answer, ledger, provider, expectNothingHeld } = flying();
    const readers = [read(), read(), read()];
    await turn();
    if (when === "after it") {
      await answer.begin();
      await Promise.all(readers.map((reader) => reader.read()));
    }
    readers[0]?.leave();
    await turn();
    await gateway.close();
    await Promise.all(readers.map((reader) => reader.readAll().done));
    expect(ledger.settled).toHaveLength(3);
    expect(provider.calls[0]?.context.signal.aborted).toBe(true);
    expectNothingHeld();
  });
});
