import { describe, expect, it } from "vitest";
import { beginCall } from "../../src/core/call.ts";
import { chatOperation } from "../../src/core/chat/operation.ts";
import { createOpenCalls } from "../../src/core/open-calls.ts";
import { request } from "../support/chat-scripts.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { keylessPrincipal } from "../support/principals.ts";

function begin() {
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
  const call = beginCall(inputs, { clock: createManualClock(), newId: () => "id-1", snapshot, openCalls });
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
