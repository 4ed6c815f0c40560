// What a recorded Messages answer must give. Deliberately separate: it is written from the wire format and knows
// nothing of the adapter's decoder, so that the two check each other. A stream is first put together to the
// message that a unary call would have given, then both are read alike.

import type { FinishReason } from "../../../src/core/chat/events.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import { contentOf } from "./anthropic-content.ts";
import { assembleMessage } from "./anthropic-message.ts";
import type { Expectation, ExpectedFinish, ExpectedUsage } from "./expectation.ts";
import { nothing } from "./expectation.ts";
import { anthropicHttpFailure, anthropicStreamFailure } from "./expected-anthropic-failure.ts";
import { at, listOf, numberOf, parseJson, textOf } from "./json-view.ts";
import { wireEvents } from "./wire-events.ts";

export function expectAnthropic(recorded: RecordedCase): Expectation {
  if (recorded.kind === "error") {
    const failure = anthropicHttpFailure(recorded);
    return { content: nothing, model: undefined, usage: undefined, finish: undefined, failure };
  }
  if (!recorded.stream) {
    const message = parseJson(recorded.body);
    return { ...readMessage(message), finish: finishOf(message), failure: undefined };
  }
  const { message, whole, error } = assembleMessage(wireEvents(recorded.body));
  return {
    ...readMessage(message),
    finish: whole ? finishOf(message) : undefined,
    failure: whole ? undefined : anthropicStreamFailure(error),
  };
}

function readMessage(message: unknown): Omit<Expectation, "finish" | "failure"> {
  const present = (...keys: readonly string[]): readonly unknown[] =>
    keys.map((key) => at(message, key) ?? undefined).filter((value) => value !== undefined);
  const content = contentOf(listOf(at(message, "content")));
  // The vendor's words on why the model refused are a refusal of ours, after what it wrote before.
  const refusal = textOf(at(message, "stop_details", "explanation")) ?? "";
  return {
    content: {
      ...content,
      refusal,
      order: refusal === "" ? content.order : [...(content.order ?? []), "refusal"],
      // Besides, its category and the container to name in the next request are of use to the caller.
      kept: present("stop_details", "container").map((value) => JSON.stringify(value)),
      beside: present("stop_details", "container", "context_management"),
    },
    model: textOf(at(message, "model")),
    usage: usageOf(at(message, "usage")),
  };
}

const reasons: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  tool_use: "tool_calls",
  refusal: "refusal",
};

function finishOf(message: unknown): ExpectedFinish {
  const rawReason = textOf(at(message, "stop_reason")) ?? "";
  const reason = reasons[rawReason];
  if (reason === undefined) throw new Error(`unread stop reason: ${rawReason}`);
  return { reason, rawReason, stopSequence: textOf(at(message, "stop_sequence")) };
}

/** `input_tokens` leaves out what was read from or written to the cache. */
function usageOf(usage: unknown): ExpectedUsage | undefined {
  if (usage === undefined) return undefined;
  const uncached = numberOf(at(usage, "input_tokens"));
  const cacheRead = numberOf(at(usage, "cache_read_input_tokens"));
  const cacheWrite = numberOf(at(usage, "cache_creation_input_tokens"));
  return {
    inputTotal: uncached === undefined ? undefined : uncached + (cacheRead ?? 0) + (cacheWrite ?? 0),
    cacheRead,
    cacheWrite,
    outputTotal: numberOf(at(usage, "output_tokens")),
    reasoning: numberOf(at(usage, "output_tokens_details", "thinking_tokens")),
  };
}
