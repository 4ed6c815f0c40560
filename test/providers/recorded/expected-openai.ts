// What a recorded Chat Completions answer must give. Deliberately separate: it is written from the wire format
// and knows nothing of the adapter's decoder, so that the two check each other.

import type { FinishReason } from "../../../src/core/chat/events.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import type { ExpectedContent, Expectation, ExpectedFinish, ExpectedUsage } from "./expectation.ts";
import { nothing } from "./expectation.ts";
import { openAiHttpFailure, openAiStreamFailure } from "./expected-openai-failure.ts";
import { createChoice } from "./openai-choice.ts";
import { at, listOf, numberOf, parseJson, textOf } from "./json-view.ts";
import type { WireEvent } from "./wire-events.ts";
import { dataOf, wireEvents } from "./wire-events.ts";

/** What a member of the family does otherwise. */
export interface OpenAiHabits {
  /** Where a body may end whole: behind `[DONE]` alone, or once a finish reason has come. */
  readonly endsWith: "[DONE]" | "finish reason";
  /** Whether reasoning tokens are counted in `completion_tokens`, or beside them. */
  readonly reasoningCounted: "inside" | "beside";
  readonly requestIdHeader: string;
}

export const openAiHabits: OpenAiHabits = {
  endsWith: "[DONE]",
  reasoningCounted: "inside",
  requestIdHeader: "x-request-id",
};

export function expectOpenAi(recorded: RecordedCase, habits: OpenAiHabits): Expectation {
  if (recorded.kind === "error") {
    const failure = openAiHttpFailure(recorded, habits.requestIdHeader);
    return { content: nothing, model: undefined, usage: undefined, finish: undefined, failure };
  }
  return recorded.stream
    ? expectStream(recorded.body, habits)
    : expectAnswer(parseJson(recorded.body), habits);
}

/** The stream is whole when this event has come with its empty line. */
export const isOpenAiEnd = (event: WireEvent): boolean => event.data === "[DONE]";

/** For servers that send no `[DONE]`: the first choice has told why it ended. */
export const isOpenAiFinish = (event: WireEvent): boolean =>
  isOpenAiEnd(event) || textOf(at(dataOf(event), "choices", 0, "finish_reason")) !== undefined;

/** Members of an answer or a choice that must not be lost. */
const keptMembers = ["moderation", "prompt_filter_results", "content_filter_results", "metadata"] as const;

function expectAnswer(answer: unknown, habits: OpenAiHabits): Expectation {
  const first = listOf(at(answer, "choices")).find((choice) => at(choice, "index") === 0);
  const choice = createChoice();
  choice.add(at(first, "message"));
  for (const member of keptMembers) for (const from of [answer, first]) choice.keep(at(from, member));
  choice.cite(answer);
  return {
    content: { ...choice.content(), order: undefined },
    model: textOf(at(answer, "model")),
    usage: usageOf(at(answer, "usage"), habits),
    finish: finishOf(textOf(at(first, "finish_reason")), choice.content()),
    failure: undefined,
  };
}

function expectStream(body: string, habits: OpenAiHabits): Expectation {
  const events = wireEvents(body);
  const choice = createChoice();
  let model: string | undefined;
  let usage: unknown;
  let rawReason: string | undefined;
  let error: unknown;
  let last: unknown;
  for (const event of events) {
    if (isOpenAiEnd(event)) break;
    const chunk = dataOf(event);
    model ??= textOf(at(chunk, "model")) || undefined;
    // Groq tells it under a key of its own, then once more under the usual one.
    usage = at(chunk, "usage") ?? at(chunk, "x_groq", "usage") ?? usage;
    error ??= at(chunk, "error");
    if (error !== undefined) break;
    last = chunk;
    for (const member of keptMembers) choice.keep(at(chunk, member));
    for (const part of listOf(at(chunk, "choices"))) {
      if (at(part, "index") !== 0) continue;
      choice.add(at(part, "delta"));
      for (const member of keptMembers) choice.keep(at(part, member));
      rawReason = textOf(at(part, "finish_reason")) ?? rawReason;
    }
  }
  choice.cite(last);
  const isEnd = habits.endsWith === "[DONE]" ? isOpenAiEnd : isOpenAiFinish;
  const whole = error === undefined && events.some((event) => isEnd(event));
  const content = choice.content();
  return {
    content,
    model,
    usage: usageOf(usage, habits),
    finish: whole ? finishOf(rawReason, content) : undefined,
    failure: whole ? undefined : openAiStreamFailure(error),
  };
}

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  eos: "stop",
  length: "length",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  content_filter: "content_filter",
};

/**
 * A refused answer ends with `stop` on the wire; our word for it is the same as with other vendors. A whole stream
 * that never tells its reason ended as what it holds says.
 */
function finishOf(
  rawReason: string | undefined,
  { refusal, tools }: Pick<ExpectedContent, "refusal" | "tools">,
): ExpectedFinish {
  const reason = rawReason === undefined ? "stop" : reasons[rawReason];
  if (reason === undefined) throw new Error(`unread finish reason: ${rawReason}`);
  const held = tools.length > 0 && reason === "stop" ? "tool_calls" : reason;
  return { reason: refusal === "" ? held : "refusal", rawReason, stopSequence: undefined };
}

/** Prompt counts include what was read from or written to the cache. */
function usageOf(usage: unknown, { reasoningCounted }: OpenAiHabits): ExpectedUsage | undefined {
  if (usage === undefined || usage === null) return undefined;
  const inputTotal = numberOf(at(usage, "prompt_tokens"));
  const cacheRead =
    numberOf(at(usage, "prompt_tokens_details", "cached_tokens")) ?? numberOf(at(usage, "cached_tokens"));
  const completion = numberOf(at(usage, "completion_tokens"));
  const reasoning = numberOf(at(usage, "completion_tokens_details", "reasoning_tokens"));
  return {
    inputTotal,
    // Azure's deployments of Grok tell more cached tokens than the prompt has: that is no count of it.
    cacheRead: (cacheRead ?? 0) > (inputTotal ?? 0) ? undefined : cacheRead,
    cacheWrite: numberOf(at(usage, "prompt_tokens_details", "cache_write_tokens")),
    outputTotal:
      reasoningCounted === "beside" && completion !== undefined ? completion + (reasoning ?? 0) : completion,
    reasoning,
    inputAudio: numberOf(at(usage, "prompt_tokens_details", "audio_tokens")),
    outputAudio: numberOf(at(usage, "completion_tokens_details", "audio_tokens")),
  };
}
