import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../src/core/errors.ts";
import type { LimitStore } from "../../../src/core/limits/limit-store.ts";
import { createMemoryLimits } from "../../../src/stores/memory/memory-limits.ts";
import { collect, errorOf, request } from "../../support/chat-scripts.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { keylessPrincipal, principalOfRole } from "../../support/principals.ts";
import { createScriptedEmbedder } from "../../support/scripted-embedder.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway, type TestGatewayOptions } from "../../support/test-gateway.ts";
import { turn } from "../../support/turn.ts";
import { limitedPrincipal } from "../../support/limited-principal.ts";

const clock = createManualClock();

const gatewayWith = (limits: TestGatewayOptions["limits"], more: Partial<TestGatewayOptions> = {}) =>
  createTestGateway({
    providers: { first: createScriptedEmbedder(undefined, textScript("Good morning")) },
    clock,
    ...more,
    limits: { ...limits },
  });

/** Answers as a store that is elsewhere does. */
function later(store: LimitStore): LimitStore {
  return {
    ...store,
    take: async (takes) => {
      await turn();
      return store.take(takes);
    },
    enter: async (places, id) => {
      await turn();
      return store.enter(places, id);
    },
  };
}

const stores = [
  ["at once", (store: LimitStore) => store],
  ["later", later],
] as const;

describe.each(stores)("limits of requests, of a store that answers %s", (_, by) => {
  const store = () => by(createMemoryLimits({ clock }));

  it("let a tenant make so many a minute, whatever it asks for, and tell the others when to come again", async () => {
    const { gateway, ledger } = gatewayWith({ requestsPerMinute: 3, store: store() });
    const principal = principalOfRole("developer", "acme");
    const reply = await gateway.chat(request, { principal });
    expect(reply.meta.limits?.requests).toEqual({ limit: 3, remaining: 2, resetMs: 20_000 });
    expect((await gateway.embed({ inputs: ["a"] }, { principal })).meta.limits?.requests?.remaining).toBe(1);
    const stream = await gateway.stream(request, { principal });
    expect(stream.meta.limits?.requests?.remaining).toBe(0);
    await collect(stream.events);
    const error = await errorOf(gateway.chat(request, { principal }));
    expect(error).toMatchObject({
      code: "rate_limited",
      message: "The tenant's limit of 3 requests a minute is used up. Send the call again in 20 s.",
      retryAfterMs: 20_000,
      meta: undefined,
      limits: { requests: { limit: 3, remaining: 0, resetMs: 60_000 } },
    });
    // Another tenant is not slowed by it.
    await gateway.chat(request, { principal: principalOfRole("developer", "other") });
    expect(ledger.opened.map(({ tenantId }) => tenantId)).toEqual(["acme", "acme", "acme", "other"]);
    clock.advance(19_999);
    await errorOf(gateway.chat(request, { principal }));
    clock.advance(1);
    await gateway.chat(request, { principal });
  });

  it("count those who are refused, and nothing else of them", async () => {
    const { gateway, ledger } = gatewayWith({ requestsPerMinute: 1, store: store() });
    await gateway.chat(request);
    for (let n = 0; n < 5; n += 1) await errorOf(gateway.chat(request));
    const unrecorded = gateway.measurements().find(({ name }) => name === "sluice_requests_unrecorded_total");
    expect(unrecorded?.samples).toEqual([{ labels: { error_code: "rate_limited" }, value: 5 }]);
    expect(ledger.opened).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it("ask tenant and key, and the tenant's total always holds", async () => {
    const { gateway } = gatewayWith({ requestsPerMinute: 5, store: store() });
    const tenant = { requestsPerMinute: 4 };
    const small = limitedPrincipal({ tenant, key: { requestsPerMinute: 1 } }, { apiKeyId: "small" });
    const large = limitedPrincipal({ tenant, key: { requestsPerMinute: 1_000 } }, { apiKeyId: "large" });
    const reply = await gateway.chat(request, { principal: small });
    expect(reply.meta.limits?.requests).toEqual({ limit: 1, remaining: 0, resetMs: 60_000 });
    expect(await errorOf(gateway.chat(request, { principal: small }))).toMatchObject({
      message: "The key's limit of 1 requests a minute is used up. Send the call again in 60 s.",
    });
    // What was refused took nothing of the tenant's.
    for (const remaining of [2, 1, 0]) {
      const { meta } = await gateway.chat(request, { principal: large });
      expect(meta.limits?.requests).toMatchObject({ limit: 4, remaining });
    }
    expect((await errorOf(gateway.chat(request, { principal: large }))).message).toMatch(
      /^The tenant's limit of 4 /,
    );
  });

  it("hold a key's own over all tenants that it acts for, beside each tenant's", async () => {
    const { gateway } = gatewayWith({ requestsPerMinute: 2, store: store() });
    const key = { requestsPerMinute: 3, concurrentStreams: 1 };
    const acting = (tenantId: string) => ({ ...limitedPrincipal({ key }, { tenantId }), actingFrom: "acme" });
    for (const tenantId of ["red", "blue"]) await gateway.chat(request, { principal: acting(tenantId) });
    const stream = await gateway.stream(request, { principal: limitedPrincipal({ key }) });
    for (const tenantId of ["green", "blue"]) {
      expect((await errorOf(gateway.chat(request, { principal: acting(tenantId) }))).message).toMatch(
        /^The key's limit of 3 requests/,
      );
      expect((await errorOf(gateway.stream(request, { principal: acting(tenantId) }))).message).toMatch(
        /^The key's limit of 1 streams/,
      );
    }
    await collect(stream.events);
    // What it is refused for takes nothing of a tenant's.
    for (const tenantId of ["blue", "green"]) {
      await gateway.chat(request, { principal: principalOfRole("developer", tenantId) });
    }
    clock.advance(20_000);
    expect((await errorOf(gateway.chat(request, { principal: acting("blue") }))).message).toMatch(
      /^The tenant's limit of 2 /,
    );
  });

  it("hold the gateway's own where a tenant and its key have none", async () => {
    const { gateway } = gatewayWith({ requestsPerMinute: 2, store: store() });
    const principal = limitedPrincipal({ key: {} });
    await gateway.chat(request, { principal });
    // Another key of the same tenant.
    await gateway.chat(request, { principal: limitedPrincipal({ key: {} }, { apiKeyId: "key-2" }) });
    expect((await errorOf(gateway.chat(request, { principal }))).message).toMatch(
      /^The tenant's limit of 2 /,
    );
  });

  it("hold a tenant's own where the gateway has none, and none where neither has", async () => {
    const { gateway } = gatewayWith({ requestsPerMinute: "off", store: store() });
    const principal = limitedPrincipal({ tenant: { requestsPerMinute: 1 } });
    await gateway.chat(request, { principal });
    await errorOf(gateway.chat(request, { principal }));
    for (let n = 0; n < 20; n += 1) {
      expect((await gateway.chat(request)).meta.limits).toBeUndefined();
    }
  });

  it("hold those without a key by the tenant that they name", async () => {
    const { gateway } = gatewayWith({ requestsPerMinute: 1, store: store() });
    const asked = (tenant: string) =>
      gateway.chat({ ...request, labels: { tenant } }, { principal: keylessPrincipal });
    await asked("blue");
    await asked("green");
    await errorOf(asked("blue"));
  });
});

describe.each(stores)("places of streams, of a store that answers %s", (_, by) => {
  it("are so many for each tenant and key, and free again when a stream ends, breaks or is left", async () => {
    const provider = createScriptedProvider({ steps: [...textScript("a").steps.slice(0, 3), "hang"] });
    const { gateway } = gatewayWith(
      { store: by(createMemoryLimits({ clock })) },
      { providers: { first: provider } },
    );
    const principal = limitedPrincipal({ tenant: { concurrentStreams: 2 }, key: { concurrentStreams: 1 } });
    const other = limitedPrincipal({ tenant: { concurrentStreams: 2 } });
    const caller = new AbortController();
    const first = await gateway.stream(request, { principal, signal: caller.signal });
    expect(await errorOf(gateway.stream(request, { principal }))).toMatchObject({
      code: "rate_limited",
      message:
        "The key's limit of 1 streams at a time is reached. Send the call again when one of them has ended.",
      retryAfterMs: 1_000,
    });
    const second = await gateway.stream(request, { principal: other });
    expect((await errorOf(gateway.stream(request, { principal: other }))).message).toMatch(
      /^The tenant's limit of 2 /,
    );
    caller.abort();
    await collect(first.events);
    const third = await gateway.stream(request, { principal });
    for (const { events } of [second, third]) await events[Symbol.asyncIterator]().return?.();
    await gateway.stream(request, { principal });
  });

  it("are not needed by calls that are answered whole", async () => {
    const { gateway } = gatewayWith({ store: by(createMemoryLimits({ clock })) });
    const principal = limitedPrincipal({ tenant: { concurrentStreams: 1 } });
    await gateway.stream(request, { principal });
    await gateway.chat(request, { principal });
    await gateway.embed({ inputs: ["a"] }, { principal });
  });

  it("are left again by a call that has no request left, or that the gateway has no room for", async () => {
    const left: string[] = [];
    const memory = createMemoryLimits({ clock });
    const store: LimitStore = by({
      ...memory,
      leave(places, id) {
        left.push(...places.map(({ key }) => key));
        memory.leave(places, id);
      },
    });
    const overload = { maxConcurrent: 0, queueMax: 0, maxWaitMs: 1 };
    const { gateway } = gatewayWith({ store }, { overload });
    const principal = limitedPrincipal({ tenant: { concurrentStreams: 1, requestsPerMinute: 1 } });
    expect((await errorOf(gateway.stream(request, { principal }))).code).toBe("overloaded");
    expect((await errorOf(gateway.stream(request, { principal }))).code).toBe("rate_limited");
    expect(left).toEqual(["streams:{acme}", "streams:{acme}"]);
  });
});

describe("limits whose store refuses", () => {
  it("are told as it says, without a record", async () => {
    const unavailable = new GatewayError({ code: "unavailable", message: "Away.", retryAfterMs: 1_000 });
    const memory = createMemoryLimits({ clock });
    const { gateway, ledger } = gatewayWith({
      requestsPerMinute: 5,
      store: { ...memory, take: () => Promise.reject(unavailable), problems: () => ["It is away."] },
    });
    expect(await errorOf(gateway.chat(request))).toBe(unavailable);
    expect(ledger.opened).toEqual([]);
    expect(gateway.readiness()).toEqual({ ready: true, problems: ["It is away."] });
  });
});
