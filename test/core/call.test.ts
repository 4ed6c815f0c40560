import { describe, expect, it } from "vitest";
import { beginCall, type CallContext } from "../../src/core/call.ts";
import { chatOperation } from "../../src/core/chat/operation.ts";
import { createIdSource, epochMsOfId } from "../../src/core/ids.ts";
import { createOpenCalls } from "../../src/core/open-calls.ts";
import { request } from "../support/chat-scripts.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { keylessPrincipal } from "../support/principals.ts";

function begin(context: Partial<Pick<CallContext, "clock" | "newId">> = {}) {
  const options = { principal: keylessPrincipal };
  const inputs = { operation: chatOperation, request, delivery: "unary", labels: {}, options } as const;
  const snapshot = {
    version: 1,
    providers: new Map(),
    routes: new Map(),
    useCases: new Map(),
    loggingPolicy: "none",
    prices: { find: () => undefined },
    modelTable: { find: () => undefined },
  } as const;
  const openCalls = createOpenCalls();
  const { clock = createManualClock(), newId = () => "id-1" } = context;
  const call = beginCall(inputs, { clock, newId, snapshot, openCalls });
  return { call, openCalls };
}

describe("a call that is released", () => {
  it("tells each who waits for it, once, and at once who comes later", () => {
    const { call, openCalls } = begin();
    const told: string[] = [];
    call.whenReleased(() => told.push(`first ${openCalls.all().length}`));
    call.whenReleased(() => told.push("second"));
    expect(told).toEqual([]);
    call.release();
    call.release();
    expect(told).toEqual(["first 1", "second"]);
    call.whenReleased(() => told.push("late"));
    expect(told).toEqual(["first 1", "second", "late"]);
    expect(openCalls.all()).toEqual([]);
  });
});

const fillRandom = (bytes: Uint8Array) => void bytes.fill(1);

describe("when a call was created", () => {
  it("is its id's time, where a month ends the moment after", () => {
    let nowMs = Date.UTC(2026, 11, 1) - 1;
    const clock = { ...createManualClock(), epochMs: () => nowMs++ };
    const { call } = begin({ clock, newId: createIdSource({ clock, fillRandom }) });
    expect(call.createdAtMs).toBe(epochMsOfId(call.id));
  });

  it("is its id's time, where the clock was put back", () => {
    const clock = createManualClock(Date.UTC(2026, 11, 1));
    const newId = createIdSource({ clock, fillRandom });
    newId();
    const earlier = createManualClock(Date.UTC(2026, 10, 30));
    const { call } = begin({ clock: earlier, newId });
    expect(call.createdAtMs).toBe(epochMsOfId(call.id));
    expect(call.createdAtMs).toBeGreaterThanOrEqual(clock.epochMs());
  });
});
