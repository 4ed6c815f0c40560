// Kept answers that are looked for on another machine, and callers who go meanwhile.

import { describe, expect, it } from "vitest";
import type { AnswerCache, CachedAnswer } from "../../../src/core/cache/answer-cache.ts";
import { errorOf } from "../../support/chat-scripts.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";
import { turn } from "../../support/turn.ts";
import { asked, cachingGateway, StreamReader } from "./caching-gateway.ts";
import { gatedAnswer, wholeScript } from "./gated-answer.ts";

/** Each look-up is answered when the test says so. */
function slow() {
  const lookUps: (() => void)[] = [];
  const store = (memory: AnswerCache): AnswerCache => ({
    ...memory,
    find: (key) =>
      new Promise<CachedAnswer | undefined>((resolve) => {
        lookUps.push(() => resolve(memory.find(key)));
      }),
    put: (key, answer) => memory.put(key, answer),
    problems: () => memory.problems(),
    close: () => memory.close(),
  });
  const answer = gatedAnswer();
  const provider = createScriptedProvider(answer.script, wholeScript);
  const made = cachingGateway({ providers: { first: provider }, store });
  return {
    ...made,
    answer,
    provider,
    lookUp: () => {
      for (const each of lookUps.splice(0)) each();
      return turn();
    },
  };
}

describe("a call that ends while its answer is looked for", () => {
  it("asks nobody, and leaves no flight that others would join", async () => {
    const { gateway, provider, lookUp, expectNothingHeld } = slow();
    const caller = new AbortController();
    const left = errorOf(gateway.chat(asked, { signal: caller.signal }));
    caller.abort();
    await lookUp();
    expect((await left).code).toBe("cancelled");
    expect(provider.calls).toEqual([]);
    expectNothingHeld();
    const next = new StreamReader(gateway, { ...asked }).readAll();
    await turn();
    await lookUp();
    expect(provider.calls).toHaveLength(1);
    next.leave();
    await next.done;
    expectNothingHeld();
  });

  it("does not hold up the flight that it would have joined", async () => {
    const { gateway, provider, lookUp, expectNothingHeld } = slow();
    const leader = new StreamReader(gateway);
    await turn();
    await lookUp();
    const caller = new AbortController();
    const left = errorOf(gateway.chat(asked, { signal: caller.signal }));
    await turn();
    caller.abort();
    await lookUp();
    expect((await left).code).toBe("cancelled");
    leader.caller.abort();
    await turn();
    expect(provider.calls[0]?.context.signal.aborted).toBe(true);
    expectNothingHeld();
  });

  it("is settled once where the gateway closes", async () => {
    const { gateway, provider, lookUp, ledger, expectNothingHeld } = slow();
    const calls = [1, 2].map(() => errorOf(gateway.chat(asked)));
    await turn();
    await gateway.close();
    await lookUp();
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(["unavailable", "unavailable"]);
    expect(provider.calls).toEqual([]);
    expect(ledger.settled).toHaveLength(2);
    expectNothingHeld();
  });
});

describe("equal calls", () => {
  it("share a flight where all of them were looked for at a time", async () => {
    const { gateway, provider, lookUp, answer, expectNothingHeld } = slow();
    const replies = [1, 2, 3].map(() => gateway.chat(asked));
    await turn();
    await lookUp();
    await answer.begin();
    await answer.end();
    await Promise.all(replies);
    expect(provider.calls).toHaveLength(1);
    const hit = gateway.chat(asked);
    await turn();
    await lookUp();
    expect((await hit).meta.cacheStatus).toBe("hit");
    expectNothingHeld();
  });
});
