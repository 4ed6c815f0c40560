// Chats through the subscription and the mutation: every kind of event, in the schema's words.

import { afterEach, describe, expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import {
  chatMutation,
  helloInput,
  readResults,
  type ServedGraphql,
  serveGraphql,
  shortSubscription,
  wholeSubscription,
} from "./serve-graphql.ts";

let served: ServedGraphql | undefined;
afterEach(() => served?.close());

const usage: ProviderChatEvent = {
  type: "usage",
  usage: {
    input: { total: 5_000_000_000, uncached: 4, cacheRead: 0, cacheWrite: 1 },
    output: { total: 3, text: 2 },
    source: "reported",
  },
};

const everyKind: readonly ProviderChatEvent[] = [
  { type: "started", model: "scripted-1" },
  { type: "part_started", index: 0, part: { kind: "reasoning" } },
  { type: "part_delta", index: 0, text: "Let me see." },
  { type: "part_finished", index: 0, signature: "sig", redactedData: "hidden", vendor: "anthropic" },
  { type: "part_started", index: 1, part: { kind: "text" } },
  { type: "part_delta", index: 1, text: "Grüße ", logprobs: [{ token: "G" }] },
  { type: "part_delta", index: 1, text: "🌍" },
  { type: "part_finished", index: 1 },
  { type: "part_started", index: 2, part: { kind: "tool_call", id: "call-1", name: "weather" } },
  { type: "part_delta", index: 2, text: '{"city":"Bonn"}' },
  { type: "part_finished", index: 2, signature: "thought", vendor: "gemini" },
  {
    type: "part_started",
    index: 3,
    part: {
      kind: "citation",
      citation: { url: "https://example.org", title: "T", citedText: "c", raw: { a: [1] } },
    },
  },
  { type: "part_finished", index: 3 },
  {
    type: "part_started",
    index: 4,
    part: { kind: "image", source: { data: "QUJD", mediaType: "image/png" } },
  },
  { type: "part_finished", index: 4 },
  { type: "part_started", index: 5, part: { kind: "opaque", vendor: "v", type: "t", json: { x: null } } },
  { type: "part_finished", index: 5 },
  { type: "part_started", index: 6, part: { kind: "refusal" } },
  { type: "part_delta", index: 6, text: "No." },
  { type: "part_finished", index: 6 },
  usage,
  { type: "finished", reason: "tool_calls", rawReason: "tool_use", stopSequence: "END" },
];

const started = (sequence: number, index: number, kind: string) => ({
  __typename: "PartStarted",
  sequence,
  index,
  kind,
  tool: null,
  citation: null,
  image: null,
  opaque: null,
});

const delta = (sequence: number, index: number, text: string) => ({
  __typename: "PartDelta",
  sequence,
  index,
  text,
  logprobs: null,
});

const finished = (sequence: number, index: number) => ({
  __typename: "PartFinished",
  sequence,
  index,
  signature: null,
  redactedData: null,
  vendor: null,
});

describe("subscription chat", () => {
  test("gives every kind of event in order, numbered from 0", async () => {
    served = await serveGraphql({
      providers: {
        a: createScriptedProvider({
          steps: everyKind,
          losses: [{ field: "sampling.topK", detail: "Not known." }],
        }),
      },
    });
    const response = await served.subscribe({ query: wholeSubscription, variables: { input: helloInput } });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("x-sluice-provider")).toBe("a");

    const results = await readResults(response);
    const events = results.map(({ data }) => data?.["chat"]);
    expect(events).toHaveLength(everyKind.length);
    const id = served.ledger.opened[0]?.id;
    const meta = {
      requestId: id,
      correlationId: null,
      provider: "a",
      model: "m",
      modelServed: "scripted-1",
      route: "default",
      attempts: 1,
      cacheStatus: "BYPASS",
      losses: [{ field: "sampling.topK", detail: "Not known." }],
    };
    expect(events).toEqual([
      {
        __typename: "Started",
        sequence: 0,
        id,
        provider: "a",
        model: "scripted-1",
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        meta: { ...meta, latencyMs: null, costNanos: null },
      },
      started(1, 0, "REASONING"),
      delta(2, 0, "Let me see."),
      { ...finished(3, 0), signature: "sig", redactedData: "hidden", vendor: "anthropic" },
      started(4, 1, "TEXT"),
      { ...delta(5, 1, "Grüße "), logprobs: [{ token: "G" }] },
      delta(6, 1, "🌍"),
      finished(7, 1),
      { ...started(8, 2, "TOOL_CALL"), tool: { id: "call-1", name: "weather" } },
      delta(9, 2, '{"city":"Bonn"}'),
      { ...finished(10, 2), signature: "thought", vendor: "gemini" },
      {
        ...started(11, 3, "CITATION"),
        citation: { url: "https://example.org", title: "T", citedText: "c", raw: { a: [1] } },
      },
      finished(12, 3),
      { ...started(13, 4, "IMAGE"), image: { data: "QUJD", url: null, mediaType: "image/png" } },
      finished(14, 4),
      { ...started(15, 5, "OPAQUE"), opaque: { vendor: "v", type: "t", json: { x: null } } },
      finished(16, 5),
      started(17, 6, "REFUSAL"),
      delta(18, 6, "No."),
      finished(19, 6),
      {
        __typename: "Usage",
        sequence: 20,
        input: { total: "5000000000", uncached: "4", cacheRead: "0", cacheWrite: "1" },
        output: { total: "3", text: "2", reasoning: null },
        source: "REPORTED",
      },
      {
        __typename: "Finished",
        sequence: 21,
        reason: "TOOL_CALLS",
        rawReason: "tool_use",
        stopSequence: "END",
        meta: { ...meta, latencyMs: expect.any(Number), costNanos: null },
      },
    ]);
  });

  test("takes the input written into the document, as design and README show it", async () => {
    served = await serveGraphql({ providers: { a: createScriptedProvider(textScript("Hello you")) } });
    const query = `subscription { chat(input: {model: "auto", messages: [{role: USER, parts: [{text: "Hello"}]}]}) {
      ... on PartDelta { index text } ... on Finished { reason } } }`;
    const results = await readResults(await served.subscribe({ query }));
    expect(results.map(({ data }) => data?.["chat"])).toEqual([
      {},
      {},
      { index: 0, text: "Hello " },
      { index: 0, text: "you" },
      {},
      {},
      { reason: "STOP" },
    ]);
  });

  test("is an event stream for whoever accepts anything", async () => {
    served = await serveGraphql({ providers: { a: createScriptedProvider(textScript("Hi")) } });
    const response = await fetch(served.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "*/*" },
      body: JSON.stringify({ query: shortSubscription, variables: { input: helloInput } }),
    });
    expect(await readResults(response)).toHaveLength(6);
  });

  test("is refused, with no call, for whoever accepts JSON only", async () => {
    const provider = createScriptedProvider(textScript("Hi"));
    served = await serveGraphql({ providers: { a: provider } });
    const { response, result } = await served.post({
      query: shortSubscription,
      variables: { input: helloInput },
    });
    expect(response.status).toBe(400);
    expect(result.errors?.[0]?.extensions).toMatchObject({ code: "invalid_request", field: "accept" });
    expect(provider.calls).toHaveLength(0);
  });
});

describe("mutation chat", () => {
  test("gives the whole answer with its parts, text, usage and meta", async () => {
    served = await serveGraphql({ providers: { a: createScriptedProvider({ steps: everyKind }) } });
    const { response, result } = await served.post({ query: chatMutation, variables: { input: helloInput } });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-sluice-request-id")).toBe(served.ledger.opened[0]?.id);
    expect(result.errors).toBeUndefined();
    const none = {
      text: null,
      reasoning: null,
      refusal: null,
      toolCall: null,
      citation: null,
      image: null,
      opaque: null,
      logprobs: null,
    };
    expect(result.data?.["chat"]).toMatchObject({
      provider: "a",
      model: "scripted-1",
      text: "Grüße 🌍",
      parts: [
        {
          ...none,
          kind: "REASONING",
          reasoning: { text: "Let me see.", signature: "sig", redactedData: "hidden", vendor: "anthropic" },
        },
        { ...none, kind: "TEXT", text: "Grüße 🌍", logprobs: [[{ token: "G" }]] },
        {
          ...none,
          kind: "TOOL_CALL",
          toolCall: {
            id: "call-1",
            name: "weather",
            argumentsJson: '{"city":"Bonn"}',
            signature: "thought",
            vendor: "gemini",
          },
        },
        { ...none, kind: "CITATION", citation: { url: "https://example.org", raw: { a: [1] } } },
        { ...none, kind: "IMAGE", image: { data: "QUJD", url: null, mediaType: "image/png" } },
        { ...none, kind: "OPAQUE", opaque: { vendor: "v", type: "t", json: { x: null } } },
        { ...none, kind: "REFUSAL", refusal: "No." },
      ],
      finishReason: "TOOL_CALLS",
      rawReason: "tool_use",
      stopSequence: "END",
      usage: { input: { total: "5000000000" }, output: { total: "3", reasoning: null }, source: "REPORTED" },
      meta: { attempts: 1, route: "default", cacheStatus: "BYPASS", latencyMs: expect.any(Number) },
    });
  });

  test("writes costs as decimal strings of nano-dollars", async () => {
    const price = { version: "v", inputPicos: 1_000_000n, outputPicos: 2_000_000n };
    served = await serveGraphql({
      providers: { a: createScriptedProvider(textScript("Hi")) },
      prices: { find: () => price },
    });
    const query = `mutation ($input: ChatInput!) { chat(input: $input) { meta { costNanos } } }`;
    const { result } = await served.post({ query, variables: { input: helloInput } });
    expect(result.data).toEqual({ chat: { meta: { costNanos: "7000" } } });
  });

  test("is answered as an event stream of one where only that is accepted", async () => {
    served = await serveGraphql({ providers: { a: createScriptedProvider(textScript("Hi")) } });
    const query = `mutation ($input: ChatInput!) { chat(input: $input) { text } }`;
    const response = await served.subscribe({ query, variables: { input: helloInput } });
    expect(await readResults(response)).toEqual([{ data: { chat: { text: "Hi" } } }]);
  });

  test("hands the caller's headers to the call", async () => {
    served = await serveGraphql({ providers: { a: createScriptedProvider(textScript("Hi")) } });
    const query = `mutation ($input: ChatInput!) { chat(input: $input) { meta { correlationId } } }`;
    const { response, result } = await served.post(
      { query, variables: { input: { ...helloInput, labels: { tenant: "team-1", use_case: "x" } } } },
      { "x-request-id": "mine", traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` },
    );
    expect(result.data).toEqual({ chat: { meta: { correlationId: "mine" } } });
    expect(response.headers.get("x-request-id")).toBe("mine");
    expect(served.ledger.opened[0]).toMatchObject({
      tenantId: "team-1",
      traceId: "a".repeat(32),
      useCase: "x",
      delivery: "unary",
    });
  });
});
