// What a gateway remembers of runs that have ended.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginCall } from "../../../src/core/call.ts";
import { chatOperation } from "../../../src/core/chat/operation.ts";
import type { ChatShape } from "../../../src/core/chat/shape.ts";
import { createOpenCalls } from "../../../src/core/open-calls.ts";
import { KnownRuns } from "../../../src/core/runs/known-runs.ts";
import { Run } from "../../../src/core/runs/run.ts";
import { defaultRunLimits } from "../../../src/core/runs/run-settings.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import { request } from "../../support/chat-scripts.ts";
import { heldBytes } from "../../support/held-bytes.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { textScript } from "../../support/scripted-provider.ts";
import { alice, keyed, resumable, startGateway } from "./running-gateway.ts";

const clock = createManualClock();
/** Of its calls nothing is asked but who they are. */
const snapshot: Snapshot = {
  version: 1,
  providers: new Map(),
  routes: new Map(),
  useCases: new Map(),
  loggingPolicy: "none",
  bodyKeepMaxBytes: undefined,
  prices: { find: () => undefined },
  modelTable: { find: () => undefined },
};

function runOf(id: string): Run<ChatShape> {
  const call = beginCall<ChatShape>(
    { operation: chatOperation, request, delivery: "unary", labels: {}, options: { principal: alice } },
    { clock, newId: () => id, snapshot, openCalls: createOpenCalls() },
  );
  call.release();
  return new Run({ call, ended() {} }, { limits: defaultRunLimits, clock });
}

/** Flat: what is put together of others is one string more. */
const bigText = (at: number): string => Buffer.from(`${at}:${"x".repeat(1_000_000)}`).toString();

const runBytes = 2_048;

const anyStep = fc.oneof(
  fc.record({ does: fc.constant("end" as const), keyed: fc.boolean() }),
  fc.record({ does: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 400 }) }),
);

describe("runs that have ended", () => {
  it("are known until their time is over, those that ended last within the bytes, and no longer", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), fc.integer({ min: 0, max: 6 }), (steps, most) => {
        const known = new KnownRuns<ChatShape>({ endedMaxBytes: most * runBytes, clock });
        const forgotten: string[] = [];
        /** All that could be known, the one that ended first in front. */
        let model: { id: string; untilMs: number; keyed: boolean }[] = [];
        let ids = 0;
        for (const step of steps) {
          if (step.does === "wait") clock.advance(step.ms);
          else {
            const id = `run-${(ids += 1)}`;
            const run = runOf(id);
            known.begin(run);
            const keepMs = step.keyed ? 1_000 : 100;
            known.end(run, keepMs, step.keyed ? () => forgotten.push(id) : undefined);
            model.push({ id, untilMs: clock.monotonicMs() + keepMs, keyed: step.keyed });
          }
          model = model.filter(({ untilMs }) => untilMs > clock.monotonicMs());
          model = model.slice(Math.max(0, model.length - most));
          const shown = Array.from({ length: ids }, (_, at) => `run-${at + 1}`).filter(
            (id) => known.find(id) !== undefined,
          );
          expect(shown).toEqual(model.map(({ id }) => id));
        }
        expect(new Set(forgotten).size).toBe(forgotten.length);
        expect(forgotten.some((id) => known.find(id) !== undefined)).toBe(false);
      }),
    );
  });

  it("are found as fast among thousands", () => {
    const known = new KnownRuns<ChatShape>({ endedMaxBytes: 1e12, clock });
    for (let at = 0; at < 50_000; at += 1) known.end(runOf(`run-${at}`), 1e9, () => {});
    const beginMs = performance.now();
    for (let at = 0; at < 50_000; at += 1) known.find(`run-${at}`);
    expect(performance.now() - beginMs).toBeLessThan(1_000);
  });

  it("hold nothing of what was asked", async () => {
    const clockOfRuns = createManualClock();
    const running = startGateway([textScript("x")], {
      clock: clockOfRuns,
      loggingPolicy: "none",
      providers: { groq: { chat: async () => ({ losses: [], events: answer() }) } },
    });
    const ask = (at: number) =>
      running.gateway.chat(
        { messages: [{ role: "user", parts: [{ type: "text", text: bigText(at) }] }] },
        at % 2 === 0 ? keyed({ idempotencyKey: `key-${at}` }) : resumable(),
      );
    await ask(-2);
    await ask(-1);
    const before = await heldBytes();
    for (let at = 0; at < 40; at += 1) await ask(at);
    running.ledger.opened.length = 0;
    running.keys?.asked.splice(0);
    expect((await heldBytes()) - before).toBeLessThan(8_000_000);
    await running.gateway.close();
  });
});

async function* answer() {
  for (const step of textScript("short").steps) {
    if (typeof step === "object" && "type" in step) yield step;
  }
}
