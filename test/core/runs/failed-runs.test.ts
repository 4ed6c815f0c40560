// Keys whose run failed: before anything was sent, or after.

import { describe, expect, it } from "vitest";
import { errorOf, failing, refusing, request, textOf } from "../../support/chat-scripts.ts";
import { createDeafProvider } from "../../support/deaf-provider.ts";
import { textScript } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import {
  expectQuiet,
  gate,
  heads,
  keyed,
  startGateway,
  streaming,
  tails,
  wireOf,
  word,
} from "./running-gateway.ts";

describe("a run that fails before anything is sent", () => {
  it("fails for all who wait for it, and the next call with its key is run anew at once", async () => {
    const wait = gate();
    const failure = refusing("unavailable");
    const running = startGateway([{ steps: [wait.step, failing("unavailable")] }, failure, textScript("x")]);
    const both = [1, 2].map(() => streaming(running, keyed()));
    await turn();
    wait.open();
    await turn();
    expect(both.map(({ error }) => error?.code)).toEqual(["all_providers_failed", "all_providers_failed"]);
    // No turn passes: the release is waited for.
    const next = running.gateway.chat(request, keyed()).catch((error: unknown) => error);
    expect(await next).toMatchObject({ code: "all_providers_failed" });
    expect(await running.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "x" }] });
    expect(running.ledger.settled.map(({ status }) => status)).toEqual(["failed", "failed", "ok"]);
    expect(running.keys?.asked).toEqual(["claim", "release", "claim", "release", "claim", "finish"]);
    await expectQuiet(running);
  });

  it("is run anew though the store could not free its key, as soon as it can", async () => {
    const running = startGateway([refusing("unavailable"), textScript("x")]);
    running.keys?.failing.add("release");
    expect(await errorOf(running.gateway.chat(request, keyed()))).toMatchObject({
      code: "all_providers_failed",
    });
    expect(await errorOf(running.gateway.chat(request, keyed()))).toMatchObject({ code: "unavailable" });
    running.keys?.failing.clear();
    expect(await running.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "x" }] });
    running.clock.advance(200_000);
    await turn();
    const again = running.restarted();
    expect(await again.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "x" }] });
    expect(again.provider.calls).toHaveLength(0);
    expect(running.faults).toMatchObject([{ code: "unavailable" }]);
    running.faults.length = 0;
    await expectQuiet(running);
    await expectQuiet(again);
  });

  it("frees its key by the clock where nobody comes back", async () => {
    const running = startGateway([refusing("unavailable")]);
    running.keys?.failing.add("release");
    await errorOf(running.gateway.chat(request, keyed()));
    running.clock.advance(1_000);
    await turn();
    running.keys?.failing.clear();
    running.clock.advance(5_000);
    await turn();
    const again = running.restarted([textScript("x")]);
    expect(await again.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "x" }] });
    expect(running.clock.pendingTimers).toBe(0);
  });

  it("gives its turn to a duplicate where only its own caller has left", async () => {
    const running = startGateway([{ steps: ["hang"] }, textScript("x")]);
    const one = streaming(running, keyed());
    await turn();
    one.goAway();
    const two = streaming(running, keyed());
    await turn();
    expect([one.error?.code, two.error, textOf(two.events)]).toEqual(["cancelled", undefined, "x"]);
    expect(running.ledger.settled.map(({ status }) => status)).toEqual(["cancelled", "ok"]);
    await expectQuiet(running);
  });

  it("gives its turn to duplicates where its caller leaves while the store is asked", async () => {
    const running = startGateway([textScript("x")]);
    running.keys?.silent.add("claim");
    const one = streaming(running, keyed());
    await turn();
    const others = [1, 2].map(() => streaming(running, keyed()));
    one.goAway();
    await turn();
    expect([one.error?.code, others.map(({ ended }) => ended)]).toEqual(["cancelled", [false, false]]);
    running.keys?.answer();
    await turn();
    await turn();
    expect(others.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(others.map(({ events }) => textOf(events))).toEqual(["x", "x"]);
    expect(running.provider.calls).toHaveLength(1);
    expect(running.ledger.settled).toMatchObject([{ status: "ok" }]);
    await expectQuiet(running);
  });

  it("gives its turn to duplicates whenever its caller leaves", async () => {
    for (let steps = 0; steps < 25; steps += 1) {
      const running = startGateway([textScript("x")]);
      const one = streaming(running, keyed());
      const two = streaming(running, keyed());
      for (let step = 0; step < steps; step += 1) await Promise.resolve();
      one.goAway();
      await turn();
      await turn();
      expect([two.error, textOf(two.events)], `after ${steps} steps`).toEqual([undefined, "x"]);
      const { settled, opened } = running.ledger;
      expect(settled.map(({ id }) => id).toSorted()).toEqual(opened.map(({ id }) => id).toSorted());
      expect(settled.filter(({ status }) => status === "ok")).toHaveLength(1);
      await expectQuiet(running);
    }
  });

  it("ends at its deadline, though its adapter never answers", async () => {
    const deaf = createDeafProvider();
    const running = startGateway([], { providers: { groq: deaf } });
    const one = streaming(running, keyed({ timeoutMs: 1_000 }));
    await turn();
    running.clock.advance(1_000);
    await turn();
    expect(one.error).toMatchObject({ code: "deadline_exceeded", meta: { requestId: "id-1" } });
    expect(running.keys?.asked).toEqual(["claim", "release"]);
    deaf.answer();
    await turn();
    expect(running.ledger.settled).toHaveLength(1);
    await expectQuiet(running);
  });
});

describe("a run that fails after something was sent", () => {
  it("is given again with the same events and the same error, also after a restart", async () => {
    const broken = failing("unavailable", { message: "The upstream broke." });
    const running = startGateway([{ steps: [...heads, word("so far"), broken] }]);
    const one = streaming(running, keyed());
    await turn();
    expect(textOf(one.events)).toBe("so far");
    const two = streaming(running, keyed());
    await turn();
    const again = running.restarted();
    const three = streaming(again, keyed());
    await turn();
    for (const { events, error } of [two, three]) {
      expect(wireOf(events)).toBe(wireOf(one.events));
      const { code, message, attempts, retryAfterMs } = error ?? {};
      expect({ code, message, attempts, retryAfterMs }).toEqual({
        code: one.error?.code,
        message: one.error?.message,
        attempts: one.error?.attempts,
        retryAfterMs: one.error?.retryAfterMs,
      });
      expect(error?.meta?.requestId).toBe("id-1");
    }
    const unary = await errorOf(again.gateway.chat(request, keyed()));
    expect(unary.code).toBe(one.error?.code);
    expect([running.provider.calls.length, again.provider.calls.length]).toEqual([1, 0]);
    await expectQuiet(running);
    await expectQuiet(again);
  });

  it.each(["goes away", "leaves the events"])("is given again where its caller %s", async (how) => {
    const running = startGateway([{ steps: [...heads, word("so far"), "hang", ...tails] }]);
    const one = streaming(running, keyed());
    await turn();
    if (how === "goes away") one.goAway();
    else await one.leave();
    await turn();
    expect(one.ended).toBe(true);
    expect(running.provider.ended).toBe(1);
    expect(running.ledger.settled).toMatchObject([{ status: "cancelled", errorCode: "cancelled" }]);
    const two = streaming(running, keyed());
    const again = running.restarted();
    const three = streaming(again, keyed());
    await turn();
    for (const each of [two, three]) {
      expect([textOf(each.events), each.error?.code]).toEqual(["so far", "cancelled"]);
    }
    expect(two.error?.message).toBe(three.error?.message);
    await expectQuiet(running);
    await expectQuiet(again);
  });
});

describe("a run whose caller goes away without reading", () => {
  it("is over all the same: what was sent is kept", async () => {
    const running = startGateway([{ steps: [...heads, word("so far"), "hang"] }]);
    const caller = new AbortController();
    const unread = await running.gateway.stream(request, keyed({ signal: caller.signal }));
    caller.abort();
    await turn();
    expect(running.ledger.settled).toMatchObject([{ status: "cancelled" }]);
    expect([running.keys?.asked, running.provider.ended]).toEqual([["claim", "finish"], 1]);
    await expect(unread.events[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "cancelled" });
    const again = running.restarted();
    const two = streaming(again, keyed());
    await turn();
    expect(two.error?.code).toBe("cancelled");
    await expectQuiet(running);
    await expectQuiet(again);
  });
});

describe("a reply that is too large to be given again", () => {
  it("is refused beyond IDEMPOTENCY_MAX_BYTES, at once and after a restart", async () => {
    const running = startGateway([textScript("a rather long answer")], { kept: { replyMaxBytes: 100 } });
    await running.gateway.chat(request, keyed());
    const conflict = { code: "conflict", meta: { requestId: "id-1" } };
    expect(await errorOf(running.gateway.chat(request, keyed()))).toMatchObject(conflict);
    const again = running.restarted();
    const error = await errorOf(again.gateway.chat(request, keyed()));
    expect(error).toMatchObject(conflict);
    expect(error.message).toMatch(/IDEMPOTENCY_MAX_BYTES.*call id-1; a new key asks again/);
    await expectQuiet(running);
    await expectQuiet(again);
  });

  it("is refused beyond RUN_LOG_MAX_BYTES, and reaches its own caller whole", async () => {
    const long = textScript("word ".repeat(100));
    const running = startGateway([long], { runLimits: { logMaxBytes: 1_000 } });
    const one = streaming(running, keyed());
    await turn();
    expect(textOf(one.events)).toBe("word ".repeat(100));
    const conflict = { code: "conflict", meta: { requestId: "id-1" } };
    expect(await errorOf(running.gateway.chat(request, keyed()))).toMatchObject(conflict);
    const again = running.restarted();
    expect(await errorOf(again.gateway.chat(request, keyed()))).toMatchObject(conflict);
    await expectQuiet(running);
    await expectQuiet(again);
  });
});
