// Calls with the key of one that is under way, or has ended.

import { describe, expect, it } from "vitest";
import { gatherReply } from "../../../src/core/chat/gather.ts";
import { request, textOf } from "../../support/chat-scripts.ts";
import { createScriptedEmbedder } from "../../support/scripted-embedder.ts";
import { textScript } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import {
  expectQuiet,
  gate,
  heads,
  keyed,
  numbersTo,
  sequencesOf,
  startGateway,
  streaming,
  tails,
  wireOf,
  word,
} from "./running-gateway.ts";

/** An answer in two words, each of which waits. */
function gated() {
  const [first, second] = [gate(), gate()];
  const script = { steps: [...heads, first.step, word("Good "), second.step, word("day"), ...tails] };
  return { first, second, script };
}

describe("a call with the key of one under way", () => {
  it.each(["before anything is sent", "in the middle"])("reads all of its run, joined %s", async (when) => {
    const { first, second, script } = gated();
    const running = startGateway([script]);
    const one = streaming(running, keyed());
    await turn();
    if (when === "in the middle") first.open();
    await turn();
    const two = streaming(running, keyed());
    const unary = running.gateway.chat(request, keyed());
    await turn();
    first.open();
    await turn();
    expect([textOf(one.events), textOf(two.events)]).toEqual(["Good ", "Good "]);
    second.open();
    await turn();
    expect([one.ended, two.ended, one.error, two.error]).toEqual([true, true, undefined, undefined]);
    expect(sequencesOf(one)).toEqual(numbersTo(7));
    expect(two.events).toEqual(one.events);
    expect(two.reply?.meta.requestId).toBe("id-1");
    expect(await unary).toMatchObject({ id: "id-1", parts: [{ text: "Good day" }] });
    expect(running.provider.calls).toHaveLength(1);
    expect(running.ledger.opened.map(({ id }) => id)).toEqual(["id-1"]);
    expect(running.ledger.settled).toMatchObject([{ id: "id-1", status: "ok", attempts: 1 }]);
    await expectQuiet(running);
  });

  it("may stream what another one gets whole", async () => {
    const { first, second, script } = gated();
    const running = startGateway([script]);
    const unary = running.gateway.chat(request, keyed());
    await turn();
    const two = streaming(running, keyed());
    first.open();
    second.open();
    const whole = await unary;
    await turn();
    expect(sequencesOf(two)).toEqual(numbersTo(7));
    expect(whole).toMatchObject({ id: two.reply?.meta.requestId, parts: [{ text: textOf(two.events) }] });
    expect(running.ledger.settled).toHaveLength(1);
    await expectQuiet(running);
  });

  it("is one of a hundred that are answered once", async () => {
    const { first, second, script } = gated();
    const running = startGateway([script]);
    const all = Array.from({ length: 100 }, () => streaming(running, keyed()));
    await turn();
    first.open();
    second.open();
    await turn();
    const [one] = all;
    for (const each of all) {
      expect(each.error).toBeUndefined();
      expect(each.events).toEqual(one?.events);
    }
    expect(sequencesOf(all[99] ?? streaming(running, {}))).toEqual(numbersTo(7));
    expect([running.provider.calls.length, running.ledger.opened.length]).toEqual([1, 1]);
    expect([running.ledger.settled.length, running.ledger.attempts.length]).toEqual([1, 1]);
    expect(running.keys?.asked).toEqual(["claim", "finish"]);
    await expectQuiet(running);
  });
});

describe("a call with the key of one that has ended", () => {
  it("is given the same vectors", async () => {
    const embedder = createScriptedEmbedder();
    const running = startGateway([], { providers: { groq: embedder } });
    const again = running.restarted([], { providers: { groq: embedder } });
    const texts = { model: "groq/m", inputs: ["one", "two"] };
    const first = await running.gateway.embed(texts, keyed());
    for (const { gateway } of [running, again]) {
      const { vectors, usage } = await gateway.embed(texts, keyed());
      expect({ vectors, usage }).toEqual({ vectors: first.vectors, usage: first.usage });
    }
    expect(embedder.embedCalls).toHaveLength(1);
    expect([running.ledger.opened.length, again.ledger.opened.length]).toEqual([1, 0]);
    await expectQuiet(running);
    await expectQuiet(again);
  });

  it("is given the same events from memory, and from the store after a restart", async () => {
    const running = startGateway([textScript("all of the answer")]);
    const one = streaming(running, keyed());
    await turn();
    const two = streaming(running, keyed());
    await turn();
    expect(two.ended).toBe(true);
    expect(wireOf(two.events)).toBe(wireOf(one.events));
    expect(two.reply?.meta.requestId).toBe(one.reply?.meta.requestId);
    const again = running.restarted();
    const three = streaming(again, keyed());
    await turn();
    expect(three.ended).toBe(true);
    expect(wireOf(three.events)).toBe(wireOf(one.events));
    expect(three.reply?.meta.requestId).toBe(one.reply?.meta.requestId);
    expect(await again.gateway.chat(request, keyed())).toMatchObject({ id: "id-1" });
    expect(again.provider.calls).toHaveLength(0);
    expect([running.ledger.opened.length, again.ledger.opened.length]).toEqual([1, 0]);
    await expectQuiet(running);
    await expectQuiet(again);
  });

  it("gathers to the same whole answer", async () => {
    const running = startGateway([textScript("all of it")]);
    const whole = await running.gateway.chat(request, keyed());
    const again = running.restarted();
    const replayed = await gatherReply(await again.gateway.stream(request, keyed()));
    expect({ ...replayed, meta: {} }).toEqual({ ...whole, meta: {} });
    await expectQuiet(running);
    await expectQuiet(again);
  });
});
