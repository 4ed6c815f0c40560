// What a recorded Chat Completions answer must give. Deliberately separate: it is written from the wire format
// and knows nothing of the adapter's decoder, so that the two check each other.

import type { FinishReason } from "../../../src/core/chat/events.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import type { Expectation, ExpectedFinish, ExpectedUsage } from "./expectation.ts";
import { nothing } from "./expectation.ts";
import { openAiHttpFailure, openAiStreamFailure } from "./expected-openai-failure.ts";
import { createChoice } from "./openai-choice.ts";
import { at, listOf, numberOf, parseJson, textOf } from "./json-view.ts";
import type { WireEvent } from "./wire-events.ts";
import { dataOf, wireEvents } from "./wire-events.ts";

export function expectOpenAi(recorded: RecordedCase): Expectation {
  if (recorded.kind === "error") {
    const failure = openAiHttpFailure(recorded);
    return { content: nothing, model: undefined, usage: undefined, finish: undefined, failure };
  }
  return recorded.stream ? expectStream(recorded.body) : expectAnswer(parseJson(recorded.body));
}

/** The stream is whole when this event has come with its empty line. */
export const isOpenAiEnd = (event: WireEvent): boolean => event.data === "[DONE]";

function expectAnswer(answer: unknown): Expectation {
  const first = listOf(at(answer, "choices")).find((choice) => at(choice, "index") === 0);
  const choice = createChoice();
  choice.add(at(first, "message"));
  return {
    content: { ...choice.content(), order: undefined },
    model: textOf(at(answer, "model")),
    usage: usageOf(at(answer, "usage")),
    finish: finishOf(textOf(at(first, "finish_reason")), choice.content().refusal),
    failure: undefined,
  };
}

function expectStream(body: string): Expectation {
  const events = wireEvents(body);
  const choice = createChoice();
  let model: string | undefined;
  let usage: unknown;
  let rawReason: string | undefined;
  let error: unknown;
  for (const event of events) {
    if (isOpenAiEnd(event)) break;
    const chunk = dataOf(event);
    model ??= textOf(at(chunk, "model")) || undefined;
    // Groq tells it under a key of its own, then once more under the usual one.
    usage = at(chunk, "usage") ?? at(chunk, "x_groq", "usage") ?? usage;
    error ??= at(chunk, "error");
    if (error !== undefined) break;
    choice.keep(at(chunk, "moderation"));
    for (const part of listOf(at(chunk, "choices"))) {
      if (at(part, "index") !== 0) continue;
      choice.add(at(part, "delta"));
      rawReason = textOf(at(part, "finish_reason")) ?? rawReason;
    }
  }
  const whole = error === undefined && events.some((event) => isOpenAiEnd(event));
  const content = choice.content();
  return {
    content,
    model,
    usage: usageOf(usage),
    finish: whole ? finishOf(rawReason, content.refusal) : undefined,
    failure: whole ? undefined : openAiStreamFailure(error),
  };
}

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
};

/** A refused answer ends with `stop` on the wire; our word for it is the same as with other vendors. */
function finishOf(rawReason: string | undefined, refusal: string): ExpectedFinish {
  const reason = rawReason === undefined ? undefined : reasons[rawReason];
  if (rawReason === undefined || reason === undefined) throw new Error(`unread finish reason: ${rawReason}`);
  return { reason: refusal === "" ? reason : "refusal", rawReason, stopSequence: undefined };
}

/** Prompt counts include what was read from or written to the cache; completion counts include reasoning. */
function usageOf(usage: unknown): ExpectedUsage | undefined {
  if (usage === undefined || usage === null) return undefined;
  return {
    inputTotal: numberOf(at(usage, "prompt_tokens")),
    cacheRead: numberOf(at(usage, "prompt_tokens_details", "cached_tokens")),
    cacheWrite: numberOf(at(usage, "prompt_tokens_details", "cache_write_tokens")),
    outputTotal: numberOf(at(usage, "completion_tokens")),
    reasoning: numberOf(at(usage, "completion_tokens_details", "reasoning_tokens")),
  };
}
