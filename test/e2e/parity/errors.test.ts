// Every error that can come before the first event, by every front end: code, message, field, attempts, time
// to wait and status, as in the table of core/errors.ts.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { errorTable } from "../../../src/core/errors.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createScriptedProvider } from "../../support/scripted-provider.ts";
import type { ClientName, Delivery } from "./client.ts";
import { comparable } from "./comparable.ts";
import { expectParity, makeCall } from "./expect-parity.ts";
import { maxBodyBytes, type ParityGateway, startGateway } from "./parity-gateway.ts";
import { hello, wrongRequests } from "./wrong-requests.ts";

const deliveries: readonly Delivery[] = ["chat", "stream"];

describe.each(deliveries)("before the first event (%s)", (delivery) => {
  let parity: ParityGateway;
  const clock = createManualClock();
  beforeAll(async () => {
    parity = await startGateway({ clock });
  });
  afterAll(() => parity.close());
  afterEach(() => {
    parity.upstreams.openai.setFault(undefined);
    parity.upstreams.anthropic.setFault(undefined);
    // Nobody asks to wait any more.
    clock.advance(60_000);
  });

  test.each(wrongRequests)("invalid_request: $name", async ({ request, field, openAi }) => {
    const { error } = await expectParity(parity, { delivery, request, fieldWords: { [field]: openAi } });
    expect(error).toMatchObject({ code: "invalid_request", field, attempts: [] });
    // For a name that nobody is configured with, providers are asked for their lists.
    const asked = parity.upstreams.openai.received.map(({ path }) => path);
    expect(asked.filter((path) => path !== "/v1/models")).toEqual([]);
  });

  // The library has no bytes, and a websocket's message that is too long closes the connection.
  test("payload_too_large: a body over the limit", async () => {
    const request: ChatRequest = {
      messages: [{ role: "user", parts: [{ type: "text", text: "x".repeat(maxBodyBytes) }] }],
    };
    const seen: Partial<Record<ClientName, unknown>> = {};
    for (const client of parity.clients.slice(1)) {
      const { error } = await makeCall(client, { delivery, request });
      seen[client.name] = { code: error?.code, status: error?.http ?? error?.grpc };
    }
    const http = { code: "payload_too_large", status: 413 };
    const rpc = { code: "payload_too_large", status: "RESOURCE_EXHAUSTED" };
    expect(seen).toEqual({
      gRPC: rpc,
      Connect: rpc,
      "Connect JSON": rpc,
      "gRPC-Web": rpc,
      GraphQL: http,
      "graphql-ws": { code: "payload_too_large", status: undefined },
      OpenAI: http,
      "openai npm": http,
    });
  });

  test("payload_too_large: a provider's limit", async () => {
    parity.upstreams.openai.setFault({ kind: "status", status: 413 });
    const { error } = await expectParity(parity, { delivery, request: hello });
    expect(error).toMatchObject({
      code: "payload_too_large",
      attempts: [{ provider: "openai", failure: "caller_fault", httpStatus: 413 }],
    });
  });

  test("invalid_request: a provider that refuses the request", async () => {
    parity.upstreams.openai.setFault({ kind: "status", status: 400 });
    const { error } = await expectParity(parity, { delivery, request: hello });
    expect(error).toMatchObject({ code: "invalid_request", attempts: [{ httpStatus: 400 }] });
  });

  test("all_providers_failed: both are overloaded", async () => {
    parity.upstreams.openai.setFault({ kind: "status", status: 503 });
    parity.upstreams.anthropic.setFault({ kind: "status", status: 529 });
    const { error, meta } = await expectParity(parity, { delivery, request: hello });
    expect(error).toMatchObject({
      code: "all_providers_failed",
      retryAfterMs: undefined,
      attempts: [
        { provider: "openai", httpStatus: 503 },
        { provider: "anthropic", httpStatus: 529 },
      ],
    });
    expect(meta).toMatchObject({ attempts: 2, route: "default" });
  });

  test("all_providers_failed: both are at their limits, and the sooner one says when", async () => {
    parity.upstreams.openai.setFault({ kind: "status", status: 429, retryAfterSeconds: 30 });
    parity.upstreams.anthropic.setFault({ kind: "status", status: 429, retryAfterSeconds: 7 });
    const before = () => clock.advance(30_000);
    const { error } = await expectParity(parity, { delivery, request: hello, before });
    expect(error).toMatchObject({ code: "all_providers_failed", retryAfterMs: 7_000 });
    expect(error?.attempts.map(({ failure }) => failure)).toEqual(["rate_limited", "rate_limited"]);
  });

  test("all_providers_failed: one target, which was named", async () => {
    parity.upstreams.anthropic.setFault({ kind: "status", status: 403, body: "html" });
    const request = { ...hello, model: "anthropic/claude-haiku-4-5" };
    const { error, meta } = await expectParity(parity, { delivery, request });
    expect(error).toMatchObject({ code: "all_providers_failed", attempts: [{ provider: "anthropic" }] });
    expect(meta).toMatchObject({ attempts: 1, route: undefined });
  });
});

describe("content_blocked", () => {
  test.each(deliveries)("%s", async (delivery) => {
    const refuse = new ProviderError({
      failure: "content_refused",
      message: "The prompt was refused by the content filter.",
      httpStatus: 400,
    });
    const parity = await startGateway({ openai: createScriptedProvider({ steps: [], refuse }) });
    const { error } = await expectParity(parity, { delivery, request: hello });
    await parity.close();
    expect(error).toMatchObject({ code: "content_blocked", attempts: [{ failure: "content_refused" }] });
  });
});

describe("internal", () => {
  test.each(deliveries)("shows nothing of its cause (%s)", async (delivery) => {
    const cause = "the disk of db-7 is full";
    const fail = () => {
      throw new Error(cause);
    };
    const parity = await startGateway({ ledger: { open: fail, attempt() {}, settle() {} } });
    const library = await expectParity(parity, { delivery, request: hello });
    await parity.close();
    const told = comparable(library);
    expect(told.error).toMatchObject({
      code: "internal",
      requestId: "a UUIDv7",
      http: errorTable.internal.http,
      message: "The gateway failed on this call. Try again; if it happens again, report the request id.",
    });
    expect(JSON.stringify(told)).not.toContain(cause);
  });
});

describe("deadline_exceeded", () => {
  const timeoutMs = 60_000;

  test.each(deliveries)("before the first event (%s)", async (delivery) => {
    const clock = createManualClock();
    const parity = await startGateway({ clock });
    const { openai } = parity.upstreams;
    openai.setFault({ kind: "hang", at: "before_headers" });
    let calls = 0;
    const { error, meta } = await expectParity(parity, {
      delivery,
      request: hello,
      words: { timeoutMs },
      async meanwhile() {
        calls += 1;
        await openai.waitUntil(({ received }) => received === calls);
        clock.advance(timeoutMs / 2);
        expect(openai.openRequests).toBe(1);
        clock.advance(timeoutMs / 2);
        await openai.waitForEarlyClose(calls);
      },
    });
    await parity.close();
    expect(error).toMatchObject({ code: "deadline_exceeded", attempts: [] });
    expect(meta).toMatchObject({ attempts: 1, route: "default" });
  });
});
