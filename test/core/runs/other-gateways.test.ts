// Runs that are read from another gateway.

import { describe, expect, it, vi } from "vitest";
import { createOpenCalls } from "../../../src/core/open-calls.ts";
import { errorOf, failing, request, textOf } from "../../support/chat-scripts.ts";
import { createMemoryRuns } from "../../support/memory-runs.ts";
import { turn } from "../../support/turn.ts";
import {
  alice,
  expectQuiet,
  gate,
  heads,
  keyed,
  numbersTo,
  resumable,
  type RunningOptions,
  resuming,
  sequencesOf,
  startGateway,
  streaming,
  tails,
  wireOf,
  word,
} from "./running-gateway.ts";

/** A run in two words on one gateway, its key and its log known to another one. */
async function begin(options = keyed({ resumable: true }), other: RunningOptions = {}) {
  const shared = createMemoryRuns();
  const [first, second] = [gate(), gate()];
  const steps = [...heads, first.step, word("Good "), second.step, word("day"), ...tails];
  const running = startGateway([{ steps }], { shared });
  const one = streaming(running, options);
  await turn();
  first.open();
  await turn();
  const elsewhere = running.restarted(undefined, other);
  return { shared, second, running, one, elsewhere };
}

const redisIsAway = () => ["Redis is away."];

describe("a run that goes on at another gateway", () => {
  it("is joined by its key, and gone on with, event for event", async () => {
    const { shared, second, running, one, elsewhere } = await begin();
    const two = streaming(elsewhere, keyed());
    const unary = elsewhere.gateway.chat(request, keyed());
    const three = resuming(elsewhere, "id-1", 1);
    await turn();
    expect([textOf(two.events), textOf(three.events)]).toEqual(["Good ", "Good "]);
    expect([two, three].map(({ reply }) => reply?.meta.requestId)).toEqual(["id-1", "id-1"]);
    second.open();
    await turn();
    expect(wireOf(two.events)).toBe(wireOf(one.events));
    expect(sequencesOf(three)).toEqual(numbersTo(7, 2));
    expect(await unary).toMatchObject({ id: "id-1", parts: [{ text: "Good day" }] });
    expect([elsewhere.provider.calls.length, elsewhere.ledger.opened.length]).toEqual([0, 0]);
    expect([two.ended, three.ended, shared.readers]).toEqual([true, true, 0]);
    expect(shared.heads).toMatchObject([
      { id: "id-1", operation: "chat", tenantId: "acme", resumable: true },
    ]);
    await expectQuiet(running);
    await expectQuiet(elsewhere);
  });

  it("is gone on with after its end, and its error is the same there", async () => {
    const shared = createMemoryRuns();
    const running = startGateway([{ steps: [...heads, word("so far"), failing("unavailable")] }], { shared });
    const one = streaming(running, resumable());
    await turn();
    const elsewhere = running.restarted();
    const all = resuming(elsewhere, "id-1");
    const rest = resuming(elsewhere, "id-1", 2);
    await turn();
    expect(wireOf(all.events)).toBe(wireOf(one.events));
    expect(rest.events).toEqual([]);
    for (const { error } of [all, rest]) {
      expect([error?.code, error?.message]).toEqual([one.error?.code, one.error?.message]);
    }
    await expectQuiet(running);
    await expectQuiet(elsewhere);
  });

  it.each(["goes away", "leaves the events"])("is freed where its reader %s", async (how) => {
    const { shared, running, one, elsewhere } = await begin();
    const two = streaming(elsewhere, keyed());
    await turn();
    expect(shared.readers).toBe(1);
    if (how === "goes away") two.goAway();
    else await two.leave();
    await turn();
    expect([two.ended, shared.readers, one.ended]).toEqual([true, 0, false]);
    await expectQuiet(running);
    await expectQuiet(elsewhere);
  });

  it("ends for a reader at its own deadline", async () => {
    const { shared, running, one, elsewhere } = await begin();
    const two = streaming(elsewhere, keyed({ timeoutMs: 1_000 }));
    await turn();
    running.clock.advance(1_000);
    await turn();
    expect([two.error?.code, shared.readers, one.ended]).toEqual(["deadline_exceeded", 0, false]);
    await expectQuiet(running);
    await expectQuiet(elsewhere);
  });

  it("holds no call of one who does not read it, beyond its deadline", async () => {
    const openCalls = createOpenCalls();
    const { running, elsewhere } = await begin(keyed({ resumable: true }), { openCalls });
    await elsewhere.gateway.stream(request, keyed({ timeoutMs: 1_000 }));
    await elsewhere.gateway.resume("id-1", 1, { principal: alice, timeoutMs: 1_000 });
    expect(openCalls.all()).toHaveLength(2);
    running.clock.advance(1_000);
    await turn();
    expect(openCalls.all()).toEqual([]);
    await expectQuiet(running);
    await expectQuiet(elsewhere);
  });

  it("is told as lost where its gateway has gone, or said something unknown", async () => {
    for (const how of ["lost", "spoilt", "forgotten"]) {
      const { shared, running, elsewhere } = await begin();
      if (how === "spoilt") shared.spoil("id-1", 2, how);
      const two = streaming(elsewhere, keyed());
      await turn();
      if (how === "lost") shared.lose("id-1");
      if (how === "forgotten") shared.forgetBefore("id-1", 50);
      await turn();
      expect(two.error).toMatchObject({ code: "unavailable", meta: { requestId: "id-1" } });
      expect(two.error?.message).toMatch(/cannot be heard.*record of call id-1/);
      expect(sequencesOf(two)).toEqual(numbersTo(how === "spoilt" ? 2 : 3));
      await expectQuiet(running);
      await expectQuiet(elsewhere);
    }
  });

  it("is not said to be gone while it cannot be looked for", async () => {
    const find = vi.fn<() => Promise<undefined>>(() => Promise.resolve(undefined));
    const shared = { ...createMemoryRuns(), find, problems: redisIsAway };
    const running = startGateway([{ steps: [...heads, word("Hello"), ...tails] }], { shared });
    const own = streaming(running, resumable());
    await turn();
    const [here, elsewhere] = [resuming(running, "id-1"), resuming(running, "id-7")];
    await turn();
    expect(textOf(here.events)).toBe(textOf(own.events));
    expect(elsewhere.error).toMatchObject({ code: "unavailable", retryAfterMs: 1_000 });
    // It is not looked for a second time.
    expect(find).toHaveBeenCalledTimes(1);
    await expectQuiet(running);
  });

  it("is nobody else's", async () => {
    const { running, elsewhere } = await begin(resumable());
    const keyedOnly = streaming(running, keyed());
    await turn();
    const asked = [
      resuming(elsewhere, "id-none"),
      resuming(elsewhere, "id-3"),
      resuming(elsewhere, "id-1", -1, { principal: { ...alice, tenantId: "other" } }),
      resuming(elsewhere, "id-1", -1, { principal: { ...alice, apiKeyId: "key-b" } }),
    ];
    const future = resuming(elsewhere, "id-1", 1_003);
    await turn();
    // An id of nobody's is looked for again: its gateway may have begun it just now.
    elsewhere.clock.advance(20);
    await turn();
    expect(new Set(asked.map(({ error }) => error?.message)).size).toBe(1);
    expect(asked[0]?.error?.code).toBe("not_found");
    expect(future.error).toMatchObject({ code: "invalid_request", field: "afterSequence" });
    keyedOnly.goAway();
    await expectQuiet(running);
    await expectQuiet(elsewhere);
  });

  it("is told as stopped where its gateway stops", async () => {
    const { running, elsewhere } = await begin();
    const two = streaming(elsewhere, keyed());
    await turn();
    await expectQuiet(running);
    await turn();
    expect([textOf(two.events), two.error?.code]).toEqual(["Good ", "unavailable"]);
    expect(await errorOf(elsewhere.gateway.chat(request, keyed()))).toMatchObject({ code: "unavailable" });
    await expectQuiet(elsewhere);
  });
});
