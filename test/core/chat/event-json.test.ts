import { describe, expect, it } from "vitest";
import type { ChatEvent, Finished } from "../../../src/core/chat/events.ts";
import { chatOperation } from "../../../src/core/chat/operation.ts";
import type { JsonValue } from "../../../src/core/json.ts";
import { keptAsJson } from "../event-json-contract.ts";
import { anyChatEvent, anyProviderChatEvent } from "./any-chat-events.ts";

const { events, keptEvents } = chatOperation;

describe("an event of a chat in JSON", () => {
  keptAsJson(events, anyChatEvent);
});

describe("a provider's event of a chat in JSON", () => {
  keptAsJson(keptEvents, anyProviderChatEvent);
});

const finished: Finished = {
  type: "finished",
  reason: "stop",
  meta: {
    requestId: "r",
    attempts: 1,
    cacheStatus: "miss",
    costNanos: 9_007_199_254_740_993n,
    losses: [],
    limits: { requests: { limit: 1, remaining: 0, resetMs: 5 } },
  },
};

describe("what is written of an event", () => {
  it("has neither what is left of the caller's limits nor a sequence, and a cost without loss", () => {
    const numbered: ChatEvent & { readonly sequence: number } = { ...finished, sequence: 7 };
    expect(events.write(numbered)).toEqual({
      type: "finished",
      reason: "stop",
      meta: {
        requestId: "r",
        attempts: 1,
        cacheStatus: "miss",
        costNanos: "9007199254740993",
        losses: [],
      },
    });
  });

  it("tells a cost that is not known from one that is not there", () => {
    const unknown: ChatEvent = {
      ...finished,
      meta: { ...finished.meta, costNanos: null, limits: undefined },
    };
    expect(events.read(events.write(unknown))).toEqual(unknown);
  });
});

const delta: JsonValue = { type: "part_delta", index: 0, text: "a" };

it.each<[string, JsonValue]>([
  ["of a type that there is not", { ...delta, type: "part_closed" }],
  ["of a type that every object has", { ...delta, type: "constructor" }],
  ["without a type", { index: 0, text: "a" }],
  ["with an index below zero", { ...delta, index: -1 }],
  ["with half an index", { ...delta, index: 0.5 }],
  ["with an index in words", { ...delta, index: "0" }],
  ["without an index", { type: "part_delta", text: "a" }],
  ["with a text that is none", { ...delta, text: null }],
  ["with an absent member as null", { type: "part_finished", index: 0, signature: null }],
  ["with a part of no kind", { type: "part_started", index: 0, part: { kind: "video" } }],
  ["with half a tool call", { type: "part_started", index: 0, part: { kind: "tool_call", id: "1" } }],
  [
    "with a citation without its raw form",
    { type: "part_started", index: 0, part: { kind: "citation", citation: {} } },
  ],
  [
    "with an image of two sources",
    { type: "part_started", index: 0, part: { kind: "image", source: { data: "", mediaType: "", url: "" } } },
  ],
  [
    "with tokens below zero",
    { type: "usage", usage: { input: { total: -1 }, output: {}, source: "reported" } },
  ],
  ["with usage of no source", { type: "usage", usage: { input: {}, output: {}, source: "guessed" } }],
  ["with a reason that there is not", { type: "finished", reason: "tired" }],
])("an event %s is none", (_, json) => {
  expect(keptEvents.read(json)).toBeUndefined();
  expect(events.read(json)).toBeUndefined();
});

it.each(["", "1.5", "1e3", "-0", "007", " 1", "9".repeat(41)])("a cost of `%s` is none", (costNanos) => {
  const meta = { requestId: "r", attempts: 1, cacheStatus: "miss", losses: [], costNanos };
  expect(events.read({ type: "finished", reason: "stop", meta })).toBeUndefined();
});
