// A caller that leaves, by every front end and at every moment: the upstream is left too, the call is on record as
// cancelled, and nothing goes on for nobody.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DemoFault } from "../../../src/demo/faults.ts";
import type { Delivery } from "../parity/client.ts";
import { attemptsOnRecord, callsOnRecord, clearRecord } from "./attempts-on-record.ts";
import { hello } from "./fault.ts";
import { type FaultsGateway, longMs, startFaultsGateway } from "./faults-gateway.ts";
import { expectNothingLeft, gaugeOf } from "./leftovers.ts";
import { quietLoop, turnsUntil } from "./quiet-loop.ts";

interface Moment {
  readonly name: string;
  readonly deliveries: readonly Delivery[];
  readonly model: string;
  readonly fault: DemoFault;
  /** Content has come before. */
  readonly afterContent?: true;
  readonly attempts: readonly string[];
}

const moments: readonly Moment[] = [
  {
    name: "before the headers",
    deliveries: ["chat", "stream"],
    model: "ill",
    fault: { kind: "hang", at: "before_headers" },
    attempts: ["1 primary ill-openai: cancelled"],
  },
  {
    name: "before the first content",
    deliveries: ["chat", "stream"],
    model: "ill",
    fault: { kind: "hang", at: "after_headers" },
    attempts: ["1 primary ill-openai: cancelled 200"],
  },
  {
    name: "in the middle of the stream",
    deliveries: ["stream"],
    model: "ill",
    fault: { kind: "hang", at: { afterEvents: 2 } },
    afterContent: true,
    attempts: ["1 primary ill-openai: cancelled 200"],
  },
  {
    name: "in the middle of a whole answer",
    deliveries: ["chat"],
    model: "ill",
    fault: { kind: "hang", at: { afterEvents: 1 } },
    attempts: ["1 primary ill-openai: cancelled 200"],
  },
  {
    name: "while a retry is waited for",
    deliveries: ["chat", "stream"],
    model: "ill-alone",
    fault: { kind: "status", status: 429, retryAfterSeconds: 5 },
    attempts: ["1 primary ill-openai: failed rate_limited 429"],
  },
];

describe.each(moments)("a caller leaves $name", ({ deliveries, model, fault, afterContent, attempts }) => {
  let faults: FaultsGateway;
  beforeAll(async () => {
    faults = await startFaultsGateway();
  });
  afterAll(() => faults.close());

  test.each(deliveries)("%s", async (delivery) => {
    const { ill, well } = faults.places;
    ill.setFault(fault);
    clearRecord(faults.ledger);
    for (const client of faults.clients) {
      faults.clock.advance(longMs);
      const asked = ill.counts.received;
      const leaving = new AbortController();
      const { promise: content, resolve: onContent } = Promise.withResolvers<void>();
      const answer = client[delivery]({ ...hello, model }, { signal: leaving.signal, onContent }).catch(
        () => {},
      );
      await ill.waitUntil(({ received }) => received > asked);
      if (afterContent === true) await content;
      await quietLoop();
      expect(gaugeOf(faults, "sluice_open_calls"), client.name).toBe(1);
      leaving.abort();
      await answer;
      await expectNothingLeft(faults);
    }
    expect(attemptsOnRecord(faults.ledger)).toEqual(faults.clients.map(() => attempts));
    expect(callsOnRecord(faults.ledger)).toEqual(faults.clients.map(() => "cancelled cancelled 1"));
    expect(well.counts.received).toBe(0);
  });
});

describe.each([
  {
    name: "for a place at its target",
    options: { maxConcurrent: 1 },
    waits: ({ clock }: FaultsGateway) => clock.pendingTimers === 4,
    record: "cancelled cancelled",
  },
  {
    name: "for a place in the gateway",
    options: { overload: { maxConcurrent: 1, queueMax: 9, maxWaitMs: 1_000 } },
    waits: (faults: FaultsGateway) => gaugeOf(faults, "sluice_waiting_calls") === 1,
    // Nothing of it was handled.
    record: undefined,
  },
])("a caller leaves while it waits $name", ({ options, waits, record }) => {
  let faults: FaultsGateway;
  beforeAll(async () => {
    faults = await startFaultsGateway(options);
  });
  afterAll(() => faults.close());

  test.each(["chat", "stream"] as const)("%s", async (delivery) => {
    const { ill } = faults.places;
    const request = { ...hello, model: "ill-alone" };
    ill.setFault({ kind: "hang", at: "before_headers" });
    clearRecord(faults.ledger);
    const asked = ill.counts.received;
    const inside = new AbortController();
    const [library] = faults.clients;
    const held = library.chat(request, { signal: inside.signal });
    await ill.waitUntil(({ received }) => received > asked);
    for (const client of faults.clients) {
      const leaving = new AbortController();
      const answer = client[delivery](request, { signal: leaving.signal }).catch(() => {});
      await turnsUntil(() => waits(faults));
      leaving.abort();
      await answer;
      await turnsUntil(() => !waits(faults));
    }
    expect(ill.counts.received).toBe(asked + 1);
    inside.abort();
    await held;
    const waited = record === undefined ? [] : faults.clients.map(() => record);
    expect(callsOnRecord(faults.ledger)).toEqual([...waited, "cancelled cancelled 1"]);
    await expectNothingLeft(faults);
  });
});
