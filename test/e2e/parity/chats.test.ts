// Every chat through every front end and the library, whole and as a stream: the same answer, the same request
// upstream, and one record each. What legitimately differs stands in comparable.ts.

import { afterAll, beforeAll, expect, test } from "vitest";
import { adapters, chats, modelOf, requestFor } from "./chats.ts";
import { comparable } from "./comparable.ts";
import { expectParity } from "./expect-parity.ts";
import { type ParityGateway, startWholeGateway } from "./parity-gateway.ts";
import { readRecords } from "./read-records.ts";

let parity: ParityGateway;
beforeAll(async () => {
  parity = await startWholeGateway();
});
afterAll(() => parity.close());

const cases = chats.flatMap((chat) =>
  adapters
    .filter((adapter) => chat.only === undefined || chat.only === adapter)
    .map((adapter) => ({ chat, adapter })),
);

test.each(cases)("$chat.name: $adapter", async ({ chat, adapter }) => {
  const upstream = parity.upstreams[adapter];
  const call = {
    request: requestFor(chat, adapter),
    words: { correlationId: "caller's own id 7" },
    sentUpstream: () => upstream.received.at(-1)?.body,
  };
  // The first of all fills the vendor's prompt cache: all others find it filled.
  await parity.gateway.chat(call.request);
  const whole = await expectParity(parity, { ...call, delivery: "chat" });
  const streamed = await expectParity(parity, { ...call, delivery: "stream" });

  const { known } = chat;
  expect(whole).toMatchObject({
    text: known.text,
    reasoning: known.reasoning ?? "",
    refusal: "",
    finishReason: known.finishReason,
    meta: {
      correlationId: "caller's own id 7",
      provider: adapter,
      model: modelOf(chat, adapter),
      modelServed: `${modelOf(chat, adapter)}-2026-01-01`,
      route: chat.unnamedModel === true ? "summaries" : undefined,
      attempts: 1,
      cacheStatus: "bypass",
    },
  });
  expect(whole.toolCalls.map(({ name, argumentsJson }) => [name, argumentsJson])).toEqual(
    known.toolCalls ?? [],
  );
  expect(whole.meta?.losses.map(({ field }) => field)).toEqual(known.losses?.[adapter] ?? []);
  expect(whole.meta?.costNanos).toBeGreaterThan(0n);

  const { started, events, ...told } = comparable(streamed);
  expect(told).toEqual(comparable(whole));
  expect(started).toMatchObject({ provider: adapter, ofThisCall: true, meta: { attempts: 1 } });
  const types = (events ?? []).map((event) => event.split(" ")[1]);
  expect(events).toEqual(types.map((type, sequence) => `${sequence} ${type}`));
  expect([types[0], ...types.slice(-2)]).toEqual(["started", "usage", "finished"]);
});

test("every call has one record, settled, with its one attempt", async () => {
  const made = cases.length * (1 + 2 * parity.clients.length);
  const records = await readRecords(parity.baseUrl);
  expect(records).toHaveLength(made);
  expect(new Set(records.map(({ id }) => id)).size).toBe(made);
  for (const record of records) {
    const { provider, usage, costNanos, attempts } = record;
    expect(record).toMatchObject({ status: "OK", errorCode: null, attemptCount: 1 });
    expect(attempts).toEqual([
      { number: 1, reason: "PRIMARY", provider, status: "OK", failure: null, usage, costNanos },
    ]);
    expect(usage).not.toBeNull();
  }
  expect(records.filter(({ delivery }) => delivery === "STREAMED")).toHaveLength(
    cases.length * parity.clients.length,
  );
});
