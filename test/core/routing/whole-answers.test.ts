// Answers that are asked for whole, of adapters that read them event by event.

import { describe, expect, it } from "vitest";
import { failing, request } from "../../support/chat-scripts.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedProvider, type Step, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";

async function askedOf(afterTheEnd: Step) {
  const clock = createManualClock();
  const first = createScriptedProvider({ steps: [...textScript("all of it").steps, afterTheEnd] });
  const second = createScriptedProvider(textScript("never asked"));
  const made = createTestGateway({ providers: { first, second }, retries: "default", clock });
  const reply = made.gateway.chat(request);
  reply.catch(() => undefined);
  await turn();
  return { ...made, first, second, clock, reply };
}

describe("a whole answer, once its terminal event has come,", () => {
  it.each<[string, Step]>([
    ["breaks", failing("unavailable")],
    ["hangs", "hang"],
  ])("is complete, although its adapter %s after it", async (_, afterTheEnd) => {
    const { reply, first, second, ledger, faults, clock } = await askedOf(afterTheEnd);
    expect(ledger.settled).toMatchObject([{ status: "ok", attempts: 1 }]);
    expect(await reply).toMatchObject({ provider: "first", parts: [{ text: "all of it" }] });
    expect(ledger.attempts.map(({ status }) => status)).toEqual(["ok"]);
    expect([first.calls.length, first.ended, second.calls.length]).toEqual([1, 1, 0]);
    expect(faults).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});
