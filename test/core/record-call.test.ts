import { describe, expect, it } from "vitest";
import type { TenantLogging } from "../../src/core/access/grants.ts";
import type { Principal } from "../../src/core/access/principal.ts";
import { beginCall, type Call } from "../../src/core/call.ts";
import type { ChatEvent } from "../../src/core/chat/events.ts";
import { chatOperation } from "../../src/core/chat/operation.ts";
import type { ChatShape } from "../../src/core/chat/shape.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { createCallMetrics } from "../../src/core/metrics/call-metrics.ts";
import { createOpenCalls } from "../../src/core/open-calls.ts";
import { createRecordCall } from "../../src/core/record-call.ts";
import type { Settlement } from "../../src/core/usage/ledger.ts";
import type { LoggingPolicy } from "../../src/core/snapshot.ts";
import type { ChatRequest } from "../../src/core/chat/request.ts";
import type { Price } from "../../src/core/pricing/price.ts";
import { ProviderError } from "../../src/core/provider-error.ts";
import { collect } from "../support/chat-scripts.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { createScriptedProvider, type Step, textScript } from "../support/scripted-provider.ts";
import { createReadableLedger, createTestGateway } from "../support/test-gateway.ts";
import { principalOfRole } from "../support/principals.ts";

const request: ChatRequest = {
  messages: [
    { role: "system", parts: [{ type: "text", text: "Be brief." }] },
    { role: "user", parts: [{ type: "text", text: "Hello" }] },
  ],
  labels: { use_case: "greeting", team: "blue" },
};
const price: Price = { version: "test-1", inputPicos: 2_000_000n, outputPicos: 10_000_000n };
const prices = { find: () => price };

describe("the record of a call", () => {
  it("has one opening, its attempts and one settlement", async () => {
    const first = createScriptedProvider({
      steps: [],
      refuse: new ProviderError({ failure: "unavailable", message: "down", httpStatus: 503 }),
    });
    const second = createScriptedProvider(textScript("a b c"));
    const { gateway, ledger } = createTestGateway({ providers: { first, second }, prices });
    const reply = await gateway.chat(request, {
      correlationId: "corr-1",
      traceContext: "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
      idempotencyKey: "once",
    });
    expect(ledger.opened).toMatchObject([
      {
        id: reply.id,
        runId: reply.id,
        tenantId: "default",
        correlationId: "corr-1",
        traceId: "0123456789abcdef0123456789abcdef",
        idempotencyKey: "once",
        operation: "chat",
        delivery: "unary",
        useCase: "greeting",
        labels: request.labels,
        messageCount: 2,
        inputChars: 14,
      },
    ]);
    expect(ledger.opened[0]?.requestBody).toEqual({ messages: request.messages });
    expect(ledger.attempts).toMatchObject([
      { number: 1, provider: "first", status: "failed", httpStatus: 503, costNanos: 0n, usage: undefined },
      { number: 2, provider: "second", status: "ok", costNanos: 40_000n, priceVersion: "test-1" },
    ]);
    expect(ledger.settled).toMatchObject([
      {
        id: reply.id,
        status: "ok",
        errorCode: undefined,
        provider: "second",
        modelServed: "scripted-1",
        route: "default",
        attempts: 2,
        finishReason: "stop",
        costNanos: 40_000n,
        outputChars: 5,
        replyBody: { parts: [{ kind: "text", text: "a b c" }] },
      },
    ]);
    expect(reply.meta).toMatchObject({ correlationId: "corr-1", costNanos: 40_000n, cacheStatus: "bypass" });
  });

  it("has an unknown cost when the model has no price, never zero", async () => {
    const { gateway, ledger } = createTestGateway({
      providers: { first: createScriptedProvider(textScript("x")) },
    });
    const reply = await gateway.chat(request);
    expect(ledger.settled[0]?.costNanos).toBeNull();
    expect(reply.meta.costNanos).toBeNull();
  });

  it("pays for what a broken stream had counted at its start", async () => {
    const usage = { input: { total: 100, uncached: 100 }, output: { total: 1 }, source: "reported" } as const;
    const steps: Step[] = [
      { type: "started", model: "m-1", usage },
      { type: "part_started", index: 0, part: { kind: "text" } },
      { type: "part_delta", index: 0, text: "half" },
      new ProviderError({ failure: "unavailable", message: "cut" }),
    ];
    const { gateway, ledger } = createTestGateway({
      providers: { first: createScriptedProvider({ steps }) },
      prices,
    });
    const reply = await gateway.stream(request);
    const error: unknown = await (async () => {
      for await (const _ of reply.events);
    })().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "all_providers_failed", meta: { costNanos: 210_000n } });
    expect(ledger.settled).toMatchObject([{ status: "failed", usage, costNanos: 210_000n, outputChars: 4 }]);
  });

  it("takes times from the clock that never goes back", async () => {
    const clock = createManualClock();
    const gate = Promise.withResolvers<void>();
    const script = textScript("x y");
    const steps: Step[] = [...script.steps.slice(0, 3), gate.promise, ...script.steps.slice(3)];
    const { gateway, ledger } = createTestGateway({
      providers: { first: createScriptedProvider({ steps }) },
      clock,
    });
    const reply = await gateway.stream(request);
    clock.advance(25);
    gate.resolve();
    for await (const _ of reply.events);
    expect(ledger.attempts[0]).toMatchObject({ timeToFirstTokenMs: 0, latencyMs: 25 });
    expect(ledger.settled[0]).toMatchObject({ timeToFirstTokenMs: 0, latencyMs: 25 });
  });

  it("says refused where the gateway itself said no, and asks no provider", async () => {
    const first = createScriptedProvider(textScript("x"));
    const { gateway, ledger } = createTestGateway({ providers: { first } });
    await expect(gateway.chat({ ...request, model: "nothing-such" })).rejects.toMatchObject({
      code: "invalid_request",
      field: "model",
    });
    expect(ledger.settled).toMatchObject([{ status: "refused", errorCode: "invalid_request", attempts: 0 }]);
    expect(first.calls).toEqual([]);
  });

  it("is not made for a request that is malformed", async () => {
    const { gateway, ledger } = createTestGateway({
      providers: { first: createScriptedProvider(textScript("x")) },
    });
    await expect(gateway.chat({ messages: [] })).rejects.toMatchObject({ field: "messages" });
    expect(ledger.opened).toEqual([]);
  });

  it("is settled once, though the reader leaves after the end and the caller goes too", async () => {
    const caller = new AbortController();
    const { gateway, ledger } = createTestGateway({
      providers: { first: createScriptedProvider(textScript("x")) },
    });
    const reply = await gateway.stream(request, { signal: caller.signal });
    for await (const event of reply.events) if (event.type === "finished") break;
    caller.abort();
    expect(ledger.settled).toMatchObject([{ status: "ok" }]);
    expect(ledger.attempts).toMatchObject([{ status: "ok" }]);
  });
});

/** What is on record of a call that a stage after `recordCall` serves, and what its caller is told of it. */
async function recordOf(serve: (call: Call<ChatShape>) => AsyncIterable<ChatEvent>) {
  const ledger = createReadableLedger();
  const settlements: Settlement[] = [];
  const stage = createRecordCall({
    ledger,
    reportFault: () => {},
    onSettled: (settlement) => settlements.push(settlement),
  });
  const call = beginCall<ChatShape>(
    {
      operation: chatOperation,
      request,
      delivery: "streamed",
      labels: {},
      options: { principal: principalOfRole("developer", "acme") },
    },
    {
      clock: createManualClock(),
      newId: () => "id-1",
      openCalls: createOpenCalls(),
      snapshot: {
        version: 1,
        providers: new Map(),
        routes: new Map(),
        useCases: new Map(),
        loggingPolicy: "full",
        prices,
        modelTable: { find: () => undefined },
      },
    },
  );
  const reply = await stage<ChatShape>(call, async () => ({
    meta: call.account.meta(),
    events: serve(call),
  }));
  const { error } = await collect(reply.events);
  await Promise.resolve();
  return { settled: ledger.settled, settlements, error, meta: call.account.wholeMeta() };
}

/** The whole text, after something was done with the call. */
const textAfter = (prepare: (call: Call<ChatShape>) => void, fails?: GatewayError) =>
  async function* (call: Call<ChatShape>): AsyncGenerator<ChatEvent> {
    prepare(call);
    const { account } = call;
    yield { type: "started", id: call.id, provider: "a", model: "m", createdAtMs: 0, meta: account.meta() };
    yield { type: "part_started", index: 0, part: { kind: "text" } };
    yield { type: "part_delta", index: 0, text: "kept" };
    if (fails !== undefined) throw fails;
    yield { type: "finished", reason: "stop", meta: account.wholeMeta() };
  };

describe("the record of a call that is given another one's answer", () => {
  it("says whose it was and what that saved, and that it cost nothing itself", async () => {
    const answer = { requestId: "id-0", costNanos: 40_000n };
    const { settled, meta } = await recordOf(textAfter(({ account }) => account.answeredFrom(answer)));
    expect(settled).toMatchObject([
      {
        status: "ok",
        errorCode: undefined,
        attempts: 0,
        usage: undefined,
        costNanos: 0n,
        savedNanos: 40_000n,
        answeredFrom: "id-0",
      },
    ]);
    expect(meta).toMatchObject({ costNanos: 0n, degraded: undefined });
  });

  it("does not know what was saved where the answer's cost is not known", async () => {
    const answer = { requestId: "id-0", costNanos: null };
    const { settled } = await recordOf(textAfter(({ account }) => account.answeredFrom(answer)));
    expect(settled).toMatchObject([{ costNanos: 0n, savedNanos: null, answeredFrom: "id-0" }]);
  });

  it("says nothing of it where the answer is its own", async () => {
    const { settled } = await recordOf(textAfter(() => {}));
    expect(settled).toMatchObject([{ savedNanos: undefined, answeredFrom: undefined }]);
  });
});

const degrade = ({ account }: Call<ChatShape>): void => {
  account.degraded = "fallback_message";
  account.standsFor = "all_providers_failed";
};

describe("the record of a call that was answered in place of an error", () => {
  it("is ok, beside the error that the answer stands for, and its caller is told", async () => {
    const { settled, settlements, meta } = await recordOf(textAfter(degrade));
    expect(settled).toMatchObject([{ status: "ok", errorCode: "all_providers_failed" }]);
    expect(meta.degraded).toBe("fallback_message");
    const metrics = createCallMetrics();
    for (const settlement of settlements) metrics.settled(settlement, "chat");
    const requests = metrics.families().find(({ name }) => name === "sluice_requests_total");
    expect(requests?.samples).toEqual([
      { labels: { operation: "chat", status: "ok", error_code: "all_providers_failed" }, value: 1 },
    ]);
  });

  it("has the error that came after it where that answer breaks off, and is not ok", async () => {
    const broken = new GatewayError({ code: "internal", message: "It broke." });
    const { settled, error } = await recordOf(textAfter(degrade, broken));
    expect(settled).toMatchObject([{ status: "failed", errorCode: "internal" }]);
    expect(error).toMatchObject({ code: "internal", meta: { degraded: "fallback_message" } });
  });

  it("is cancelled where its caller leaves", async () => {
    const { settled } = await recordOf(
      textAfter((call) => {
        degrade(call);
        call.abort(new GatewayError({ code: "cancelled", message: "Gone." }));
      }),
    );
    expect(settled).toMatchObject([{ status: "cancelled", errorCode: "cancelled" }]);
  });
});

describe("a ledger that breaks its contract and throws", () => {
  it("fails the call as internal, with its request id, and the log hears why", async () => {
    const provider = createScriptedProvider(textScript("x"));
    const { gateway, ledger, faults } = createTestGateway({ providers: { first: provider } });
    const ids: string[] = [];
    ledger.open = ({ id }) => {
      ids.push(id);
      throw new TypeError("secret-1");
    };
    const error: unknown = await gateway.chat(request).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "internal", meta: { requestId: ids[0] } });
    expect(String(error)).not.toContain("secret-1");
    expect(faults).toMatchObject([{ message: "secret-1" }]);
    expect(provider.calls).toEqual([]);
  });
});

describe("the logging policy", () => {
  it("metadata keeps labels, counts and lengths, no bodies", async () => {
    const { gateway, ledger } = createTestGateway({
      providers: { first: createScriptedProvider(textScript("x y")) },
      loggingPolicy: "metadata",
    });
    await gateway.chat(request);
    expect(ledger.opened[0]).toMatchObject({
      labels: request.labels,
      inputChars: 14,
      requestBody: undefined,
    });
    expect(ledger.settled[0]).toMatchObject({ outputChars: 3, replyBody: undefined });
  });

  it("none keeps the accounting row only", async () => {
    const { gateway, ledger } = createTestGateway({
      providers: { first: createScriptedProvider(textScript("x y")) },
      loggingPolicy: "none",
    });
    await gateway.chat(request);
    expect(ledger.opened[0]).toMatchObject({
      labels: undefined,
      inputChars: undefined,
      requestBody: undefined,
    });
    expect(ledger.opened[0]?.useCase).toBe("greeting");
    expect(ledger.settled[0]).toMatchObject({ outputChars: undefined, replyBody: undefined, status: "ok" });
  });
});

const principalWith = (logging: TenantLogging | undefined, grantsOf = "acme"): Principal => ({
  ...principalOfRole("developer", "acme"),
  grants: { tenant: { id: grantsOf, timeZone: "UTC", limits: {}, budget: {}, logging } },
});
const gatewayWith = (loggingPolicy: LoggingPolicy, answer = "x y", bodyKeepMaxBytes?: number) =>
  createTestGateway({
    providers: { first: createScriptedProvider(textScript(answer)) },
    loggingPolicy,
    ...(bodyKeepMaxBytes === undefined ? {} : { bodyKeepMaxBytes }),
  });

describe("the logging policy of a tenant", () => {
  it("stands in the place of the gateway's, be it narrower or wider", async () => {
    const full = gatewayWith("none");
    await full.gateway.chat(request, { principal: principalWith({ bodies: "full", redact: false }) });
    expect(full.ledger.opened[0]).toMatchObject({
      loggingPolicy: "full",
      labels: request.labels,
      requestBody: { messages: request.messages },
    });
    expect(full.ledger.settled[0]).toMatchObject({ outputChars: 3, replyBody: { parts: [{ text: "x y" }] } });
    const none = gatewayWith("full");
    await none.gateway.chat(request, { principal: principalWith({ bodies: "none", redact: true }) });
    expect(none.ledger.opened[0]).toMatchObject({
      loggingPolicy: "none",
      labels: undefined,
      requestBody: undefined,
    });
    expect(none.ledger.settled[0]).toMatchObject({ outputChars: undefined, replyBody: undefined });
  });

  it("leaves the gateway's in force where there is none, or another tenant's", async () => {
    for (const principal of [
      principalWith(undefined),
      principalWith({ bodies: "none", redact: true }, "other"),
      principalOfRole("developer", "acme"),
    ]) {
      const { gateway, ledger } = gatewayWith("full");
      await gateway.chat(request, { principal });
      expect(ledger.opened[0]).toMatchObject({
        loggingPolicy: "full",
        requestBody: { messages: request.messages },
      });
    }
  });

  it("takes credentials out of what was asked and answered, and of nothing that is served", async () => {
    const secret = "Bearer 0123456789abcdef";
    const { gateway, ledger } = gatewayWith("full", `it was ${secret} then`);
    const asked: ChatRequest = { messages: [{ role: "user", parts: [{ type: "text", text: secret }] }] };
    const reply = await gateway.chat(asked, { principal: principalWith({ bodies: "full", redact: true }) });
    expect(ledger.opened[0]?.requestBody).toMatchObject({
      messages: [{ role: "user", parts: [{ type: "text", text: "Bearer [redacted]" }] }],
    });
    expect(ledger.opened[0]?.inputChars).toBe(secret.length);
    expect(ledger.settled[0]?.replyBody).toEqual({
      parts: [{ kind: "text", text: "it was Bearer [redacted] then" }],
    });
    expect(reply.parts).toMatchObject([{ text: `it was ${secret} then` }]);
  });

  it("leaves an answer that is longer than what is kept still longer without its credentials", async () => {
    const answer = `Bearer ${"0123456789".repeat(20)} ${"z".repeat(1000)}`;
    const { gateway, ledger } = gatewayWith("full", answer, 300);
    await gateway.chat(request, { principal: principalWith({ bodies: "full", redact: true }) });
    const kept = JSON.stringify(ledger.settled[0]?.replyBody);
    expect(kept).toContain("Bearer [redacted] zzz");
    expect(kept.length).toBeGreaterThan(300);
    expect(kept.length).toBeLessThan(500);
  });
});

describe("what a provider says of a failed attempt", () => {
  const words = "Input should be a string: 'Erika, Bearer 0123456789abcdef'";
  const refusedWith = async (ownWords: boolean, logging: TenantLogging) => {
    const refuse = new ProviderError({ failure: "caller_fault", httpStatus: 400, message: words, ownWords });
    const first = createScriptedProvider({ steps: [], refuse });
    const { gateway, ledger } = createTestGateway({ providers: { first } });
    const error: unknown = await gateway
      .chat(request, { principal: principalWith(logging) })
      .catch((reason: unknown) => reason);
    return { record: ledger.attempts[0], error };
  };

  it.each<[TenantLogging["bodies"], boolean, string | undefined]>([
    ["none", true, undefined],
    ["none", false, undefined],
    ["metadata", false, undefined],
    ["full", false, words],
    ["full", true, "Input should be a string: 'Erika, Bearer [redacted]'"],
  ])("is kept as its prompt would be: %s, redact: %s", async (bodies, redact, kept) => {
    const { record, error } = await refusedWith(false, { bodies, redact });
    expect(record).toMatchObject({ status: "failed", failure: "caller_fault", httpStatus: 400 });
    expect(record?.errorMessage).toBe(kept);
    expect(error).toMatchObject({ message: `first refused the request: ${words}` });
  });

  it("is not kept of a stream that breaks off", async () => {
    const breaking: Step[] = [
      { type: "part_started", index: 0, part: { kind: "text" } },
      { type: "part_delta", index: 0, text: "half" },
      new ProviderError({ failure: "unavailable", message: words }),
    ];
    const { gateway, ledger } = createTestGateway({
      providers: { first: createScriptedProvider({ steps: breaking }) },
      loggingPolicy: "none",
    });
    const { error } = await collect((await gateway.stream(request)).events);
    expect(error).toMatchObject({ message: expect.stringContaining(words) });
    expect(ledger.attempts).toMatchObject([{ status: "failed", failure: "unavailable" }]);
    expect(ledger.attempts[0]?.errorMessage).toBeUndefined();
  });

  it("stays where the words are the gateway's own", async () => {
    const { record } = await refusedWith(true, { bodies: "none", redact: false });
    expect(record?.errorMessage).toBe(words);
  });
});

describe("the tenant of a record", () => {
  it("is named by the label while the caller is keyless", async () => {
    const { gateway, ledger } = createTestGateway({
      providers: { first: createScriptedProvider(textScript("x")) },
    });
    await gateway.chat({ ...request, labels: { tenant: "acme" } });
    expect(ledger.opened[0]?.tenantId).toBe("acme");
    expect(ledger.attempts[0]?.tenantId).toBe("acme");
    await expect(gateway.chat({ ...request, labels: { tenant: "No Slug" } })).rejects.toMatchObject({
      field: "labels.tenant",
    });
  });

  it("is the key's, and another is refused", async () => {
    const principal = principalOfRole("developer", "acme");
    const first = createScriptedProvider(textScript("x"));
    const { gateway } = createTestGateway({ providers: { first } });
    await gateway.chat({ ...request, labels: { tenant: "acme" } }, { principal });
    await expect(
      gateway.chat({ ...request, labels: { tenant: "other" } }, { principal }),
    ).rejects.toMatchObject({ code: "permission_denied" });
    expect(first.calls).toHaveLength(1);
  });
});

describe("metrics", () => {
  it("counts calls and failed attempts in the five fields", async () => {
    const first = createScriptedProvider(
      { steps: [], refuse: new ProviderError({ failure: "timeout", message: "slow" }) },
      textScript("x"),
    );
    const second = createScriptedProvider(textScript("y"));
    const { gateway } = createTestGateway({ providers: { first, second } });
    expect(gateway.metrics()).toEqual({
      total_requests: 0,
      cache_hits: 0,
      cache_hit_rate_percent: 0,
      failures: 0,
      providers_active: 2,
    });
    await gateway.chat(request);
    await gateway.chat(request);
    expect(gateway.metrics()).toMatchObject({ total_requests: 2, failures: 1 });
  });
});
