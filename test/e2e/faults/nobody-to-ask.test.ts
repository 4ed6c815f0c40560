// No target may be asked: all breakers are open, all have asked to wait, or the gateway is full. Every front end says
// so at once, and when to come back; no upstream hears of it.

import { afterEach, describe, expect, test } from "vitest";
import type { ClientName, Delivery } from "../parity/client.ts";
import { attemptsOnRecord, callsOnRecord, clearRecord } from "./attempts-on-record.ts";
import { hello, wellAnswer } from "./fault.ts";
import { type FaultsGateway, startFaultsGateway } from "./faults-gateway.ts";
import { expectNothingLeft, gaugeOf } from "./leftovers.ts";

let faults: FaultsGateway;
afterEach(() => faults.close());

const deliveries: readonly Delivery[] = ["chat", "stream"];
const everywhere = { ...hello, model: "ill-everywhere" };

/** Code, status and time to wait, as each caller has them. */
async function toldToAll(delivery: Delivery): Promise<Partial<Record<ClientName, unknown>>> {
  const told: Partial<Record<ClientName, unknown>> = {};
  for (const client of faults.clients) {
    const { error, text } = await client[delivery](everywhere);
    expect(text, client.name).toBe("");
    told[client.name] = [error?.code, error?.grpc ?? error?.http, error?.retryAfterMs];
  }
  return told;
}

/** The library's error has both statuses. */
const tellsAll = (code: string, { grpc, http, waitMs }: { grpc: string; http: number; waitMs: number }) => ({
  library: [code, grpc, waitMs],
  gRPC: [code, grpc, waitMs],
  Connect: [code, grpc, waitMs],
  "Connect JSON": [code, grpc, waitMs],
  "gRPC-Web": [code, grpc, waitMs],
  GraphQL: [code, http, waitMs],
  "graphql-ws": [code, http, waitMs],
  OpenAI: [code, http, waitMs],
  "openai npm": [code, http, waitMs],
});

describe.each(deliveries)("%s", (delivery) => {
  test("every breaker is open, until each lets one attempt through", async () => {
    faults = await startFaultsGateway({ failureThreshold: 2, retries: 1 });
    const { ill } = faults.places;
    const [library] = faults.clients;
    ill.setFault({ kind: "status", status: 500 });
    await library[delivery](everywhere);
    expect(gaugeOf(faults, "sluice_target_breaker_state")).toBe(3 * 2);
    expect(ill.counts.received).toBe(6);

    clearRecord(faults.ledger);
    faults.clock.advance(20_000);
    const failed = { grpc: "UNAVAILABLE", http: 502, waitMs: 40_000 };
    expect(await toldToAll(delivery)).toEqual(tellsAll("all_providers_failed", failed));
    const skipped = [
      "1 primary ill-openai: skipped breaker_open",
      "2 fallback ill-anthropic: skipped breaker_open",
      "3 fallback ill-gemini: skipped breaker_open",
    ];
    expect(attemptsOnRecord(faults.ledger)).toEqual(faults.clients.map(() => skipped));
    expect(new Set(callsOnRecord(faults.ledger))).toEqual(new Set(["failed all_providers_failed"]));
    expect(ill.counts.received).toBe(6);

    clearRecord(faults.ledger);
    faults.clock.advance(40_000);
    await library[delivery](everywhere);
    expect(attemptsOnRecord(faults.ledger)).toEqual([
      [
        "1 primary ill-openai: failed unavailable 500",
        "2 fallback ill-anthropic: failed unavailable 500",
        "3 fallback ill-gemini: failed unavailable 500",
      ],
    ]);

    faults.clock.advance(60_000);
    ill.setFault(undefined);
    expect((await library[delivery](everywhere)).text).toBe(wellAnswer);
    expect(gaugeOf(faults, "sluice_target_breaker_state")).toBe(2 * 1);
    await expectNothingLeft(faults);
  });

  test("every target has asked to wait, and is asked again when the time is over", async () => {
    // A limit says nothing against a target: its breaker stays closed.
    faults = await startFaultsGateway({ failureThreshold: 1 });
    const { ill } = faults.places;
    const [library] = faults.clients;
    ill.setFault({ kind: "status", status: 429, retryAfterSeconds: 60 });
    await library[delivery](everywhere);
    expect(ill.counts.received).toBe(3);

    clearRecord(faults.ledger);
    faults.clock.advance(15_000);
    const failed = { grpc: "UNAVAILABLE", http: 502, waitMs: 45_000 };
    expect(await toldToAll(delivery)).toEqual(tellsAll("all_providers_failed", failed));
    const skipped = [
      "1 primary ill-openai: skipped rate_limited",
      "2 fallback ill-anthropic: skipped rate_limited",
      "3 fallback ill-gemini: skipped rate_limited",
    ];
    expect(attemptsOnRecord(faults.ledger)).toEqual(faults.clients.map(() => skipped));
    expect(ill.counts.received).toBe(3);
    expect(gaugeOf(faults, "sluice_target_breaker_state")).toBe(0);

    ill.setFault(undefined);
    faults.clock.advance(45_000);
    expect((await library[delivery](everywhere)).text).toBe(wellAnswer);
    await expectNothingLeft(faults);
  });

  test("the gateway has as many calls as it may have", async () => {
    faults = await startFaultsGateway({ overload: { maxConcurrent: 1, queueMax: 0, maxWaitMs: 1_000 } });
    const { ill } = faults.places;
    const [library] = faults.clients;
    ill.setFault({ kind: "hang", at: "before_headers" });
    const inside = new AbortController();
    const held = library.chat(everywhere, { signal: inside.signal });
    await ill.waitUntil(({ received }) => received === 1);
    const told = await toldToAll(delivery);
    const full = { grpc: "UNAVAILABLE", http: 503, waitMs: 1_000 };
    expect(told).toEqual(tellsAll("overloaded", full));
    expect(ill.counts.received).toBe(1);
    inside.abort();
    await held;
    expect(callsOnRecord(faults.ledger)).toEqual(["cancelled cancelled 1"]);
    await expectNothingLeft(faults);
  });
});
