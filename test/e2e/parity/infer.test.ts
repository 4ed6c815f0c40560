// The simplest call beside the others: the same answer, the same request upstream, the same errors, one record each.

import { afterAll, beforeAll, expect, test } from "vitest";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { errorTable } from "../../../src/core/errors.ts";
import { makeCall } from "./expect-parity.ts";
import { type ParityGateway, startWholeGateway } from "./parity-gateway.ts";
import { readRecords } from "./read-records.ts";

let parity: ParityGateway;
beforeAll(async () => {
  parity = await startWholeGateway();
});
afterAll(() => parity.close());

const infer = (body: object, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${parity.baseUrl}/infer`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

const asking = (prompt: string, model?: string): ChatRequest => ({
  model,
  messages: [{ role: "user", parts: [{ type: "text", text: prompt }] }],
  maxOutputTokens: 50,
});

test("a prompt is answered as a chat of one message is, and asked of the provider in the same words", async () => {
  const [library] = parity.clients;
  const upstream = parity.upstreams.openai;
  const request = asking("How deep is the sea?", "auto");
  // The first of all fills the vendor's prompt cache.
  await parity.gateway.chat(request);
  const chat = await makeCall(library, { delivery: "chat", request });
  const sentByChat = upstream.received.at(-1)?.body;
  const response = await infer({ model: "auto", prompt: "How deep is the sea?", max_tokens: 50 });
  expect(upstream.received.at(-1)?.body).toEqual(sentByChat);
  expect(await response.json()).toEqual({
    output: chat.text,
    provider: chat.meta?.provider,
    latency_ms: expect.any(Number),
    cost: Number(chat.meta?.costNanos) / 1e9,
  });
  const [newest, before] = await readRecords(parity.baseUrl);
  expect(newest?.id).toBe(response.headers.get("x-sluice-request-id"));
  expect({ ...newest, id: "", usage: "" }).toMatchObject({
    status: "OK",
    operation: before?.operation,
    delivery: before?.delivery,
    route: before?.route,
    provider: before?.provider,
    costNanos: before?.costNanos,
    messageCount: 1,
    attemptCount: 1,
  });
});

test.each([
  ["a model that nobody has", "nope", undefined],
  ["providers that all fail", undefined, "500"],
] as const)("%s: the code, the words and the status of the table", async (_, model, fault) => {
  const [library] = parity.clients;
  if (fault !== undefined)
    for (const each of Object.values(parity.upstreams)) each.setFault({ kind: "status", status: 500 });
  try {
    const { error } = await makeCall(library, { delivery: "chat", request: asking("Hello", model) });
    const response = await infer({ model, prompt: "Hello", max_tokens: 50 });
    const code = error?.code ?? "";
    const table: Readonly<Record<string, { readonly http: number }>> = errorTable;
    expect(response.status).toBe(table[code]?.http);
    expect(await response.json()).toEqual({
      error: { code, message: error?.message, request_id: response.headers.get("x-sluice-request-id") },
    });
  } finally {
    for (const each of Object.values(parity.upstreams)) each.setFault(undefined);
  }
});
