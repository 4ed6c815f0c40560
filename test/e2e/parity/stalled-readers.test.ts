// A reader that stalls: the gateway holds a bounded number of events and stops reading its upstream, and
// nothing hangs afterwards.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { type ParityGateway, startGateway } from "./parity-gateway.ts";
import { settledEvents } from "./settled-events.ts";
import { stalledGrpc, stalledOpenAi, stalledWebsocket } from "./stalled-readers.ts";

// The upstream's events are so long, by their model's name, and ours, by their text, that the whole answer is
// far longer than what sockets and HTTP/2's windows hold.
const version = "long".repeat(500);
const tokens = 20_000;
const wideWords = Array.from({ length: 38 }, () => "\u{1F600}".repeat(12)).join(" ");
const long: ChatRequest = {
  messages: [{ role: "user", parts: [{ type: "text", text: `[demo tokens=${tokens}] ${wideWords}` }] }],
};

describe.each([
  { name: "gRPC", open: stalledGrpc },
  { name: "server-sent events", open: stalledOpenAi },
  { name: "graphql-ws", open: stalledWebsocket },
])("$name", ({ open }) => {
  let parity: ParityGateway;
  beforeAll(async () => {
    parity = await startGateway({ version });
  });
  afterAll(() => parity.close());

  test("holds the upstream back, and then gets the whole answer", async () => {
    const { openai } = parity.upstreams;
    const reader = await open(parity, long);
    const held = await settledEvents(openai);
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(tokens / 2);
    expect(openai.openRequests).toBe(1);
    expect(await reader.readOn()).toBe(tokens);
    await openai.waitUntil(({ open: left }) => left === 0);
    expect(openai.counts.closedEarly).toBe(0);
  });

  test("leaves, and the upstream is left too", async () => {
    const { openai } = parity.upstreams;
    const reader = await open(parity, long);
    await settledEvents(openai);
    reader.leave();
    await openai.waitForEarlyClose();
    expect(openai.openRequests).toBe(0);
  });
});
