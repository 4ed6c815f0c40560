// What tests of routes ask, script and read again and again.

import type { ChatEvent, ProviderChatEvent } from "../../src/core/chat/events.ts";
import type { ChatRequest } from "../../src/core/chat/request.ts";
import { GatewayError } from "../../src/core/errors.ts";
import {
  type FailureClass,
  ProviderError,
  type ProviderErrorOptions,
} from "../../src/core/provider-error.ts";
import type { Script } from "./scripted-provider.ts";

export const request: ChatRequest = {
  messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }],
};

type Details = Partial<Omit<ProviderErrorOptions, "failure">>;

export const failing = (failure: FailureClass, details: Details = {}): ProviderError =>
  new ProviderError({ failure, message: `failed by ${failure}`, ...details });

/** No answer at all. */
export const refusing = (failure: FailureClass, details: Details = {}): Script => ({
  steps: [],
  refuse: failing(failure, details),
});

export const started: ProviderChatEvent = { type: "started", model: "scripted-1" };
export const textStarted: ProviderChatEvent = { type: "part_started", index: 0, part: { kind: "text" } };
export const delta = (text: string, index = 0): ProviderChatEvent => ({ type: "part_delta", index, text });
export const partFinished: ProviderChatEvent = { type: "part_finished", index: 0 };
export const usage = (input: number, output: number): ProviderChatEvent => ({
  type: "usage",
  usage: { input: { total: input }, output: { total: output }, source: "reported" },
});
export const finished: ProviderChatEvent = { type: "finished", reason: "stop" };

export interface Collected {
  readonly events: ChatEvent[];
  readonly error?: unknown;
}

/** Reads to the end, whatever the end. */
export async function collect(events: AsyncIterable<ChatEvent>): Promise<Collected> {
  const seen: ChatEvent[] = [];
  try {
    for await (const event of events) seen.push(event);
    return { events: seen };
  } catch (error) {
    return { events: seen, error };
  }
}

export const textOf = (events: readonly ChatEvent[]): string =>
  events.map((event) => (event.type === "part_delta" ? event.text : "")).join("");

/** What the caller is told. @throws where it is told nothing of the kind */
export async function errorOf(answer: Promise<unknown>): Promise<GatewayError> {
  const outcome = await answer.then(
    () => "an answer",
    (error: unknown) => error,
  );
  if (outcome instanceof GatewayError) return outcome;
  throw new Error(`expected a GatewayError, got ${String(outcome)}`);
}
