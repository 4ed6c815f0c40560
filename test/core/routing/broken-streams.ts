// Streams that break, routes that go on with them, and what a caller gets.

import { expect } from "vitest";
import type { ChatEvent } from "../../../src/core/chat/events.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { Gateway } from "../../../src/core/gateway.ts";
import type { Price } from "../../../src/core/pricing/price.ts";
import type { MidStreamPolicy } from "../../../src/core/snapshot.ts";
import {
  collect,
  delta,
  failing,
  finished,
  partFinished,
  request,
  started,
  textStarted,
  usage,
} from "../../support/chat-scripts.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import type { Script, ScriptedProvider, Step } from "../../support/scripted-provider.ts";
import { createTestGateway, type TestGatewayOptions } from "../../support/test-gateway.ts";

const price: Price = { version: "test-1", inputPicos: 1_000_000n, outputPicos: 1_000_000n };
export const cut = failing("unavailable", { message: "The connection was cut." });
export const startedCounting: Step = {
  type: "started",
  model: "scripted-1",
  usage: { input: { total: 10 }, output: { total: 1 }, source: "reported" },
};

/** A text of which a part comes before the stream breaks. */
export const breaking = (text: string, ...more: readonly Step[]): Script => ({
  steps: [started, textStarted, delta(text), ...more, cut],
});
export const whole = (...texts: readonly string[]): Script => ({
  steps: [started, textStarted, ...texts.map((text) => delta(text)), partFinished, usage(7, 3), finished],
});

export function routed(
  providers: Readonly<Record<string, ScriptedProvider>>,
  midStream: MidStreamPolicy,
  options: Partial<Omit<TestGatewayOptions, "clock">> = {},
) {
  const clock = createManualClock();
  const made = createTestGateway({
    providers,
    routePolicy: { midStream },
    continuing: Object.keys(providers),
    prices: { find: () => price },
    ...options,
    clock,
  });
  return { ...made, clock };
}

/** Events in short: their kind, with index and text. */
function short(event: ChatEvent): string {
  switch (event.type) {
    case "part_started":
      return `${event.part.kind}[${event.index}]`;
    case "part_delta":
      return `${event.index}:${event.text}`;
    case "part_finished":
      return `end[${event.index}]`;
    case "seam":
      return `seam ${event.policy} ${event.provider}/${event.model}`;
    case "usage":
      return `usage ${event.usage.input.total}+${event.usage.output.total}`;
    case "started":
    case "finished":
      return event.type;
  }
}

export async function streamed(gateway: Gateway, asked: ChatRequest = request) {
  const { events } = await gateway.stream(asked);
  const told = await collect(events);
  expect(told.events.map((event) => ("sequence" in event ? event.sequence : undefined))).toEqual(
    told.events.map((_, i) => i),
  );
  return { ...told, order: told.events.map(short) };
}
