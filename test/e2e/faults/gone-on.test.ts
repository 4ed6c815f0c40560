// A stream that breaks where its route says that it goes on: every front end tells where it went over to another
// target, and both halves are accounted for.

import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { DemoFault } from "../../../src/demo/faults.ts";
import type { AttemptRecord } from "../../../src/core/usage/ledger.ts";
import { expectParity } from "../parity/expect-parity.ts";
import { attemptsOnRecord, callsOnRecord, clearRecord } from "./attempts-on-record.ts";
import { hello, wellAnswer } from "./fault.ts";
import { type FaultsGateway, longMs, startFaultsGateway } from "./faults-gateway.ts";
import { expectNothingLeft } from "./leftovers.ts";
import { quietLoop } from "./quiet-loop.ts";
import { chunk, opening, sends, streamHead, usageTold, word } from "./raw-upstream.ts";

const breaks: readonly { readonly name: string; readonly fault: DemoFault; readonly failed: string }[] = [
  { name: "is cut", fault: { kind: "cut", afterEvents: 4 }, failed: "broken_reply" },
  { name: "tells an error", fault: { kind: "error_event", afterEvents: 4 }, failed: "unavailable" },
  {
    name: "has a line that is no JSON",
    fault: { kind: "malformed_line", afterEvents: 4 },
    failed: "broken_reply",
  },
];
type HangPoint = "before_headers" | "after_headers";
const request: ChatRequest = { ...hello, model: "ill" };
const begun = "This is the";

describe.each(["restart", "continue"] as const)("%s", (midStream) => {
  let faults: FaultsGateway;
  beforeAll(async () => {
    faults = await startFaultsGateway({ routePolicy: { midStream } });
  });
  afterAll(() => faults.close());

  test.each(breaks)("a stream that $name", async ({ fault, failed }) => {
    faults.places.ill.setFault(fault);
    clearRecord(faults.ledger);
    const outcome = await expectParity(faults, {
      delivery: "stream",
      request,
      // Its types know no seam: what it has of a restarted answer stands below.
      without: midStream === "restart" ? ["openai npm"] : [],
    });
    expect(outcome.error).toBeUndefined();
    expect(outcome).toMatchObject({
      text: wellAnswer,
      finishReason: "stop",
      started: { provider: "ill-openai" },
      seams: [{ provider: "well-anthropic", policy: midStream }],
      meta: { provider: "well-anthropic", attempts: 2 },
    });
    const lines = [`1 primary ill-openai: failed ${failed} 200`, `2 ${midStream} well-anthropic: ok 200`];
    const asked = attemptsOnRecord(faults.ledger);
    expect(asked).toEqual(asked.map(() => lines));
    expect(new Set(callsOnRecord(faults.ledger))).toEqual(new Set(["ok 2"]));
    await expectNothingLeft(faults);
  });

  test("both halves are paid for, where their usage is told", async () => {
    faults.places.raw.answerWith(sends(streamHead, opening, word("This"), word(" is the"), usageTold));
    clearRecord(faults.ledger);
    const outcome = await expectParity(faults, {
      delivery: "stream",
      request: { ...hello, model: "raw" },
      without: midStream === "restart" ? ["openai npm"] : [],
    });
    expect(outcome.text).toBe(wellAnswer);
    for (const { id, usage, costNanos } of faults.ledger.settled) {
      const halves = faults.ledger.attempts.filter(({ callId }) => callId === id);
      // Two were told; what came of it is as long as three.
      expect(halves.map((half) => half.usage?.output.total)).toEqual([3, expect.any(Number)]);
      const sum = (of: (half: AttemptRecord) => number | undefined) =>
        halves.reduce((total, half) => total + (of(half) ?? Number.NaN), 0);
      expect(usage?.input.total).toBe(sum((half) => half.usage?.input.total));
      expect(usage?.output.total).toBe(sum((half) => half.usage?.output.total));
      expect(costNanos).toBe(halves.reduce((total, half) => total + (half.costNanos ?? 0n), 0n));
      expect(halves.every((half) => (half.costNanos ?? 0n) > 0n)).toBe(true);
    }
    await expectNothingLeft(faults);
  });

  test("OpenAI's own client reads it to its end", async () => {
    faults.places.ill.setFault({ kind: "cut", afterEvents: 4 });
    const client = new OpenAI({ baseURL: `${faults.baseUrl}/v1`, apiKey: "none", maxRetries: 0 });
    const stream = client.chat.completions.stream({
      model: "ill",
      messages: [{ role: "user", content: "Hello" }],
      stream_options: { include_usage: true },
    });
    const whole = await stream.finalChatCompletion();
    const sentence = "\n\n[The answer broke off here. It begins again:]\n\n";
    expect(whole.choices[0]).toMatchObject({
      finish_reason: "stop",
      message: {
        role: "assistant",
        content: midStream === "continue" ? wellAnswer : begun + sentence + wellAnswer,
      },
    });
    await expectNothingLeft(faults);
  });

  test.each<HangPoint>(["before_headers", "after_headers"])(
    "a caller leaves between the two, the second of which hangs: %s",
    async (at) => {
      const { ill, well } = faults.places;
      ill.setFault({ kind: "cut", afterEvents: 4 });
      well.setFault({ kind: "hang", at });
      clearRecord(faults.ledger);
      for (const client of faults.clients) {
        const asked = well.counts.received;
        const leaving = new AbortController();
        const answer = client.stream(request, { signal: leaving.signal }).catch(() => {});
        await well.waitUntil(({ received }) => received > asked);
        await quietLoop();
        leaving.abort();
        await answer;
        await expectNothingLeft(faults);
      }
      well.setFault(undefined);
      const status = at === "before_headers" ? "" : " 200";
      const lines = [
        "1 primary ill-openai: failed broken_reply 200",
        `2 ${midStream} well-anthropic: cancelled${status}`,
      ];
      expect(attemptsOnRecord(faults.ledger)).toEqual(faults.clients.map(() => lines));
      expect(callsOnRecord(faults.ledger)).toEqual(faults.clients.map(() => "cancelled cancelled 2"));
    },
  );

  test("nobody is left to go on with it: the text so far, and a typed error", async () => {
    faults.places.ill.setFault({ kind: "cut", afterEvents: 4 });
    clearRecord(faults.ledger);
    const outcome = await expectParity(faults, {
      delivery: "stream",
      request: { ...hello, model: "ill-alone" },
      without: midStream === "restart" ? ["openai npm"] : [],
    });
    expect(outcome.text).toBe(begun);
    expect(outcome.finishReason).toBeUndefined();
    expect(outcome.error).toMatchObject({ code: "all_providers_failed" });
    // A target that broke an answer is the last one to begin it anew; this one's model cannot go on with one.
    const second = {
      restart: "2 restart ill-openai: failed broken_reply 200",
      continue: "2 continue ill-openai: skipped cannot_continue",
    };
    const asked = attemptsOnRecord(faults.ledger);
    expect(asked).toEqual(
      asked.map(() => ["1 primary ill-openai: failed broken_reply 200", second[midStream]]),
    );
    await expectNothingLeft(faults);
  });

  test("whoever is left has asked to wait: the error in the stream tells how long", async () => {
    const { ill, well } = faults.places;
    ill.setFault({ kind: "cut", afterEvents: 4 });
    well.setFault({ kind: "status", status: 429, retryAfterSeconds: 60 });
    const outcome = await expectParity(faults, {
      delivery: "stream",
      request,
      without: midStream === "restart" ? ["openai npm"] : [],
      before: () => faults.clock.advance(longMs),
    });
    well.setFault(undefined);
    expect(outcome.text).toBe(begun);
    expect(outcome.error).toMatchObject({ code: "all_providers_failed", retryAfterMs: 60_000 });
    await expectNothingLeft(faults);
  });
});

// A client that does not know the call to be void would run it.
test("an answer that begins again after a tool call ends with an error for OpenAI's clients, and so it is on record", async () => {
  const faults = await startFaultsGateway({ routePolicy: { midStream: "restart" } });
  const call = { index: 0, id: "call_1", type: "function", function: { name: "send", arguments: "{" } };
  faults.places.raw.answerWith(
    sends(streamHead, opening, chunk({ index: 0, delta: { tool_calls: [call] } })),
  );
  const response = await fetch(`${faults.baseUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "raw", stream: true, messages: [{ role: "user", content: "Hello" }] }),
  });
  const told = await response.text();
  expect(told).toContain('"name":"send"');
  expect(told).toContain('"code":"unavailable"');
  expect(told).toContain(`"request_id":"${faults.ledger.opened[0]?.id}"`);
  await expectNothingLeft(faults);
  expect(callsOnRecord(faults.ledger)).toEqual(["failed unavailable 2"]);
  const [[first] = []] = attemptsOnRecord(faults.ledger);
  expect(first).toBe("1 primary raw-1: failed broken_reply 200");
  await faults.close();
});
