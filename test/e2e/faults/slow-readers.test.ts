// A reader that takes its time: the upstream is held back, and it is not the upstream's fault, however long it takes.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { stalledGrpc, stalledOpenAi, stalledWebsocket } from "../parity/stalled-readers.ts";
import { attemptsOnRecord, callsOnRecord, clearRecord } from "./attempts-on-record.ts";
import { type FaultsGateway, silenceMs, startFaultsGateway } from "./faults-gateway.ts";
import { expectNothingLeft, gaugeOf } from "./leftovers.ts";
import { settledEvents } from "../parity/settled-events.ts";

// The upstream's events are so long, by their model's name, and ours, by their text, that the whole answer is far
// longer than what sockets and HTTP/2's windows hold.
const version = "long".repeat(500);
const tokens = 20_000;
const wideWords = Array.from({ length: 38 }, () => "\u{1F600}".repeat(12)).join(" ");
const long: ChatRequest = {
  model: "ill",
  messages: [{ role: "user", parts: [{ type: "text", text: `[demo tokens=${tokens}] ${wideWords}` }] }],
};

let faults: FaultsGateway;
beforeAll(async () => {
  faults = await startFaultsGateway({ version });
});
afterAll(() => faults.close());

describe.each([
  { name: "gRPC", open: stalledGrpc },
  { name: "server-sent events", open: stalledOpenAi },
  { name: "graphql-ws", open: stalledWebsocket },
])("$name", ({ open }) => {
  test("is waited for, and gets the whole answer", async () => {
    const { ill } = faults.places;
    clearRecord(faults.ledger);
    const reader = await open(faults, long);
    const held = await settledEvents(ill);
    for (let i = 0; i < 20; i += 1) faults.clock.advance(silenceMs);
    expect(await settledEvents(ill)).toBe(held);
    expect(held).toBeLessThan(tokens / 2);
    expect(gaugeOf(faults, "sluice_target_in_flight")).toBe(1);
    expect(await reader.readOn()).toBe(tokens);
    await expectNothingLeft(faults);
    expect(attemptsOnRecord(faults.ledger)).toEqual([["1 primary ill-openai: ok 200"]]);
  });

  test("leaves, and the upstream is left too", async () => {
    clearRecord(faults.ledger);
    const reader = await open(faults, long);
    await settledEvents(faults.places.ill);
    reader.leave();
    await expectNothingLeft(faults);
    expect(attemptsOnRecord(faults.ledger)).toEqual([["1 primary ill-openai: cancelled 200"]]);
    expect(callsOnRecord(faults.ledger)).toEqual(["cancelled cancelled 1"]);
  });

  test("is not waited for beyond its deadline: the upstream is left", async () => {
    clearRecord(faults.ledger);
    const reader = await open(faults, long);
    await settledEvents(faults.places.ill);
    faults.clock.advance(600_000);
    await expectNothingLeft(faults);
    expect(callsOnRecord(faults.ledger)).toEqual(["failed deadline_exceeded 1"]);
    reader.leave();
  });
});
