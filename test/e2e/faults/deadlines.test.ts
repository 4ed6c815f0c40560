// A caller's deadline, by every front end and in real time: it is answered at most 50 ms late, and the upstream,
// which would have gone on for ever, is left.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DemoFault } from "../../../src/demo/faults.ts";
import { systemClock } from "../../../src/system-clock.ts";
import type { ClientName, Delivery, FrontEndClient } from "../parity/client.ts";
import { callsOnRecord, clearRecord } from "./attempts-on-record.ts";
import { hello } from "./fault.ts";
import { type FaultsGateway, startFaultsGateway } from "./faults-gateway.ts";
import { expectNothingLeft } from "./leftovers.ts";

const timeoutMs = 50;
const graceMs = 50;
/** The machine may be busy with something else in any one of them: the best one shows what the gateway needs. */
const rounds = 5;

/** They know the deadline too: one that its own clock tells first leaves, and does not hear what the gateway says. */
const haveClocks: ReadonlySet<ClientName> = new Set(["gRPC", "Connect", "Connect JSON", "gRPC-Web"]);

let faults: FaultsGateway;
beforeAll(async () => {
  faults = await startFaultsGateway({ clock: systemClock });
  // A front end's first call loads it.
  for (const client of faults.clients) await client.stream(hello);
});
afterAll(() => faults.close());

const moments: readonly { readonly name: string; readonly delivery: Delivery; readonly fault: DemoFault }[] =
  [
    { name: "a whole answer", delivery: "chat", fault: { kind: "hang", at: "before_headers" } },
    {
      name: "a stream that has not begun",
      delivery: "stream",
      fault: { kind: "hang", at: "before_headers" },
    },
    { name: "a stream that has begun", delivery: "stream", fault: { kind: "hang", at: { afterEvents: 2 } } },
  ];

async function lateMs(client: FrontEndClient, delivery: Delivery): Promise<number> {
  const startedMs = performance.now();
  const { error } = await client[delivery]({ ...hello, model: "ill" }, { timeoutMs });
  const elapsedMs = performance.now() - startedMs;
  const codes = haveClocks.has(client.name) ? /^(?:bare )?deadline_exceeded$/i : /^deadline_exceeded$/;
  expect(error?.code, client.name).toMatch(codes);
  return elapsedMs - timeoutMs;
}

describe.each(moments)("$name", ({ delivery, fault }) => {
  test("ends with its deadline", async () => {
    faults.places.ill.setFault(fault);
    for (const client of faults.clients) {
      clearRecord(faults.ledger);
      const late: number[] = [];
      for (let round = 0; round < rounds; round += 1) late.push(await lateMs(client, delivery));
      await expectNothingLeft(faults);
      expect(Math.min(...late), client.name).toBeLessThan(graceMs);
      const told = faults.ledger.settled.map(({ latencyMs }) => latencyMs - timeoutMs);
      expect(Math.min(...told), client.name).toBeLessThan(graceMs);
      const ends = new Set(["failed deadline_exceeded 1"]);
      if (haveClocks.has(client.name)) ends.add("cancelled cancelled 1");
      expect(callsOnRecord(faults.ledger).every((end) => ends.has(end))).toBe(true);
    }
    expect(faults.places.well.counts.received).toBe(faults.clients.length);
  });
});
