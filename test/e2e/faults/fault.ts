// One fault as the tables have it, and what it makes of a call.

import { expect } from "vitest";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { DemoFault } from "../../../src/demo/faults.ts";
import type { Delivery, Outcome } from "../parity/client.ts";
import { expectParity } from "../parity/expect-parity.ts";
import { attemptsOnRecord, callsOnRecord, clearRecord } from "./attempts-on-record.ts";
import { type FaultsGateway, longMs, patienceMs, targetsAt } from "./faults-gateway.ts";
import { expectNothingLeft } from "./leftovers.ts";
import type { PlaceName } from "./places.ts";
import { quietLoop, turnsUntil } from "./quiet-loop.ts";
import type { RawAnswer } from "./raw-upstream.ts";

export interface Fault {
  readonly name: string;
  readonly place: PlaceName;
  /** What the place does, where it can do several things: demo upstream or raw bytes. */
  readonly demo?: DemoFault;
  readonly raw?: Readonly<Record<Delivery, RawAnswer>>;
  readonly failed: Failed | Readonly<Record<Delivery, Failed>>;
  /** How often each of three targets is tried when all of them have the fault; the first as often when it is alone in it. */
  readonly tries: Tries;
  /** It goes on until the gateway has had enough: the test moves the clock by its patience. */
  readonly hangs?: true;
  /** It goes on until a time of the adapter's own is over, which no test moves. */
  readonly takesRealTime?: true;
  /** What callers are told when all targets have the fault. */
  readonly retryAfterMs?: number;
}

/** Failure and HTTP status, as an attempt has them on record; of each target, where vendors tell it apart. */
export type Failed = string | readonly [string, string, string];

export type Tries = readonly [number, number, number];

/** Again and again: it may be over the next time. */
export const again: Tries = [3, 2, 2];
/** The next one at once; the last one again, since nobody else is left. */
export const nextAtOnce: Tries = [1, 1, 2];
/** To no avail: nobody is tried again. */
export const once: Tries = [1, 1, 1];

export const hello: ChatRequest = {
  messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }],
};
export const wellAnswer = 'This is the demo model; you wrote: "Hello".';

/** The lines of failed attempts, one target after the other. */
function failedLines(fault: Fault, delivery: Delivery, places: 1 | 3): readonly string[] {
  const lines: string[] = [];
  const failed =
    typeof fault.failed === "object" && "chat" in fault.failed ? fault.failed[delivery] : fault.failed;
  for (const [i, name] of targetsAt(fault.place).slice(0, places).entries()) {
    for (let tried = 0; tried < (fault.tries[i] ?? 0); tried += 1) {
      const reason = tried > 0 ? "retry" : i === 0 ? "primary" : "fallback";
      const how = typeof failed === "string" ? failed : failed[i];
      lines.push(`${lines.length + 1} ${reason} ${name}: failed ${how}`);
    }
  }
  return lines;
}

/** Every client calls the route; resolves with what the library saw, which all others saw too. */
async function callAll(
  faults: FaultsGateway,
  fault: Fault,
  call: { readonly delivery: Delivery; readonly model: string; readonly attempts: number },
): Promise<Outcome> {
  const { ill, raw, received } = faults.places;
  const { clock } = faults;
  const { delivery } = call;
  ill.setFault(fault.demo);
  if (fault.raw !== undefined) raw.answerWith(fault.raw[delivery]);
  clearRecord(faults.ledger);
  clock.advance(longMs);
  let asked = received();
  const outcome = await expectParity(faults, {
    delivery,
    request: { ...hello, model: call.model },
    atOnce: fault.takesRealTime === true,
    before: fault.takesRealTime ? undefined : () => clock.advance(longMs),
    async meanwhile() {
      if (fault.hangs !== true) return;
      for (let attempt = 0; attempt < call.attempts; attempt += 1) {
        const next = (asked += 1);
        await turnsUntil(() => received() === next);
        await quietLoop();
        clock.advance(patienceMs);
      }
    },
  });
  ill.setFault(undefined);
  return outcome;
}

/** The first target has the fault, the others are well: callers have the answer of the second, and never know. */
export async function expectAnswerElsewhere(
  faults: FaultsGateway,
  fault: Fault,
  delivery: Delivery,
): Promise<void> {
  const failed = failedLines(fault, delivery, 1);
  const attempts = failed.length;
  const outcome = await callAll(faults, fault, { delivery, model: fault.place, attempts });
  expect(outcome.error).toBeUndefined();
  expect(outcome).toMatchObject({
    text: wellAnswer,
    finishReason: "stop",
    meta: { provider: "well-anthropic", attempts: attempts + 1, route: fault.place },
  });
  expect(outcome.events?.filter((event) => event.endsWith(" started")) ?? []).toHaveLength(
    delivery === "stream" ? 1 : 0,
  );
  const lines = [...failed, `${attempts + 1} fallback well-anthropic: ok 200`];
  expect(attemptsOnRecord(faults.ledger)).toEqual(faults.clients.map(() => lines));
  expect(new Set(callsOnRecord(faults.ledger))).toEqual(new Set([`ok ${lines.length}`]));
  await expectNothingLeft(faults);
}

/** All three targets have it: callers have one error that tells of each attempt. */
export async function expectErrorOfAll(
  faults: FaultsGateway,
  fault: Fault,
  delivery: Delivery,
): Promise<void> {
  const lines = failedLines(fault, delivery, 3);
  const model = `${fault.place}-everywhere`;
  const outcome = await callAll(faults, fault, { delivery, model, attempts: lines.length });
  expect(outcome).toMatchObject({
    text: "",
    error: { code: "all_providers_failed", http: 502, grpc: "UNAVAILABLE", retryAfterMs: fault.retryAfterMs },
    meta: { attempts: lines.length, route: model },
  });
  expect(outcome.finishReason).toBeUndefined();
  const told = lines.map((line) => {
    const [, , provider, , failure] = line.split(/:? /);
    return { provider, failure };
  });
  expect(outcome.error?.attempts).toMatchObject(told);
  expect(attemptsOnRecord(faults.ledger)).toEqual(faults.clients.map(() => lines));
  const ended = `failed all_providers_failed ${lines.length}`;
  expect(new Set(callsOnRecord(faults.ledger))).toEqual(new Set([ended]));
  await expectNothingLeft(faults);
}
