// Idempotency keys whose store is out of reach, silent, or has them running elsewhere.

import { describe, expect, it } from "vitest";
import { errorOf, request } from "../../support/chat-scripts.ts";
import { textScript } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import { expectQuiet, gate, heads, keyed, startGateway, streaming, tails, word } from "./running-gateway.ts";

describe("a store that is out of reach", () => {
  it("when a key is claimed: nothing is asked, for all who come with it", async () => {
    const running = startGateway([textScript("x")]);
    running.keys?.failing.add("claim");
    const all = [1, 2, 3].map(() => streaming(running, keyed()));
    await turn();
    expect(all.map(({ error }) => error?.code)).toEqual(Array.from({ length: 3 }, () => "unavailable"));
    expect(all[0]?.error?.message).toMatch(/not run\. Try again/);
    expect([running.provider.calls.length, running.ledger.opened.length]).toEqual([0, 0]);
    running.keys?.failing.clear();
    expect(await running.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "x" }] });
    await expectQuiet(running);
  });

  it("when a run ends: its caller has the answer, and the clock tries again", async () => {
    const running = startGateway([textScript("x")]);
    running.keys?.failing.add("finish");
    expect(await running.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "x" }] });
    await turn();
    expect(running.faults).toMatchObject([{ code: "unavailable" }]);
    expect(await running.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "x" }] });
    running.clock.advance(1_000);
    await turn();
    running.keys?.failing.clear();
    running.clock.advance(5_000);
    await turn();
    expect(running.keys?.asked).toEqual(["claim", "finish", "finish", "finish"]);
    const again = running.restarted();
    expect(await again.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "x" }] });
    expect(again.provider.calls).toHaveLength(0);
    running.faults.length = 0;
    await expectQuiet(running);
  });

  it("is told once more when the gateway closes", async () => {
    const running = startGateway([textScript("x")]);
    running.keys?.failing.add("finish");
    await running.gateway.chat(request, keyed());
    await turn();
    running.keys?.failing.clear();
    await running.gateway.close();
    expect(running.clock.pendingTimers).toBe(0);
    const again = running.restarted();
    expect(await again.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "x" }] });
  });

  it("does not hold up a gateway that closes", async () => {
    const running = startGateway([textScript("x")]);
    running.keys?.silent.add("finish");
    await running.gateway.chat(request, keyed());
    const closed = running.gateway.close();
    await turn();
    running.clock.advance(5_000);
    await closed;
    expect(running.clock.pendingTimers).toBe(0);
  });
});

describe("a store that does not answer a claim", () => {
  it("ends no call later than its deadline, and what it then claims is given back", async () => {
    const running = startGateway([textScript("x")]);
    running.keys?.silent.add("claim");
    const both = [1_000, 2_000].map((timeoutMs) => streaming(running, keyed({ timeoutMs })));
    await turn();
    running.clock.advance(1_000);
    await turn();
    expect(both.map(({ error }) => error?.code)).toEqual(["deadline_exceeded", undefined]);
    running.clock.advance(1_000);
    await turn();
    expect(both[1]?.error?.code).toBe("deadline_exceeded");
    running.keys?.answer();
    await turn();
    expect(running.keys?.asked).toEqual(["claim", "release"]);
    expect(await running.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "x" }] });
    expect(running.ledger.opened).toHaveLength(1);
    await expectQuiet(running);
  });

  it("is waited for by a gateway that closes, but not for long", async () => {
    const running = startGateway([textScript("x")]);
    running.keys?.silent.add("claim");
    const one = streaming(running, keyed());
    await turn();
    const closed = running.gateway.close();
    await turn();
    expect(one.error?.code).toBe("unavailable");
    running.clock.advance(5_000);
    await closed;
    expect(running.clock.pendingTimers).toBe(0);
  });
});

it("a gateway that closes while a key is claimed frees it before it lets go of its store", async () => {
  const asked: (readonly string[])[] = [];
  const release = async (): Promise<void> => void asked.push(running.keys?.asked.slice() ?? []);
  const running = startGateway([textScript("x")], { release });
  running.keys?.slow.add("claim");
  const one = streaming(running, keyed());
  const closed = running.gateway.close();
  await turn();
  expect(asked).toEqual([]);
  running.keys?.answer();
  await closed;
  expect(one.error?.code).toBe("unavailable");
  expect(asked).toEqual([["claim", "release"]]);
  await expectQuiet(running);
});

describe("a key that runs elsewhere", () => {
  it("is refused with its call's id where that gateway cannot be heard", async () => {
    const running = startGateway([{ steps: [...heads, word("x"), "hang", ...tails] }]);
    const one = streaming(running, keyed());
    await turn();
    const elsewhere = running.restarted();
    for (const asked of [
      elsewhere.gateway.chat(request, keyed()),
      elsewhere.gateway.stream(request, keyed()),
    ]) {
      const error = await errorOf(asked);
      expect(error).toMatchObject({ code: "conflict", meta: { requestId: "id-1" } });
      expect(error.message).toMatch(/record of call id-1; a new key asks again/);
    }
    expect(elsewhere.provider.calls).toHaveLength(0);
    one.goAway();
    await expectQuiet(running);
    await expectQuiet(elsewhere);
  });
});

describe("a gateway without a store", () => {
  it("knows keys as long as it remembers their runs", async () => {
    const end = gate();
    const running = startGateway([{ steps: [...heads, end.step, word("x"), ...tails] }, textScript("y")], {
      keys: null,
      kept: { keyMs: 60_000 },
    });
    const one = streaming(running, keyed());
    const two = streaming(running, keyed());
    await turn();
    end.open();
    await turn();
    expect([one.ended, two.ended]).toEqual([true, true]);
    running.clock.advance(59_999);
    expect(await running.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "x" }] });
    running.clock.advance(1);
    expect(await running.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "y" }] });
    await expectQuiet(running);
  });
});

describe("a key that has expired", () => {
  it("is free at the same moment in memory and in the store", async () => {
    const running = startGateway([textScript("x"), textScript("y")]);
    await running.gateway.chat(request, keyed());
    running.clock.advance(86_399_999);
    expect(await running.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "x" }] });
    running.clock.advance(1);
    expect(await running.gateway.chat(request, keyed())).toMatchObject({ parts: [{ text: "y" }] });
    await expectQuiet(running);
  });

  it("is answered from the store where memory has no room, also before the store was told", async () => {
    const running = startGateway([textScript("x")], { kept: { endedMaxBytes: 0 } });
    const one = streaming(running, keyed());
    const two = running.gateway.chat(request, keyed());
    await turn();
    expect([one.ended, (await two).id]).toEqual([true, "id-1"]);
    running.keys?.asked.splice(0);
    expect((await running.gateway.chat(request, keyed())).id).toBe("id-1");
    expect(running.keys?.asked).toEqual(["claim"]);
    running.keys?.slow.add("finish");
    const slow = keyed({ idempotencyKey: "slow" });
    const { id } = await running.gateway.chat(request, slow);
    const early = streaming(running, slow);
    await turn();
    expect([early.ended, running.provider.calls.length]).toEqual([false, 2]);
    running.keys?.answer();
    await turn();
    expect([early.error, early.reply?.meta.requestId]).toEqual([undefined, id]);
    expect(running.provider.calls).toHaveLength(2);
    await expectQuiet(running);
  });
});
