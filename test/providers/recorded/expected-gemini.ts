// What a recorded `generateContent` answer must give. Deliberately separate: it is written from the wire format and
// knows nothing of the adapter's reader, so that the two check each other. A stream is read as the list of its
// chunks, a whole answer as a list of one.

import type { FinishReason } from "../../../src/core/chat/events.ts";
import type { RecordedCase } from "../../support/fixtures.ts";
import type {
  Expectation,
  ExpectedContent,
  ExpectedEmbedding,
  ExpectedFinish,
  ExpectedUsage,
} from "./expectation.ts";
import { nothing } from "./expectation.ts";
import { geminiHttpFailure, geminiStreamFailure } from "./expected-gemini-failure.ts";
import { contentOf } from "./gemini-content.ts";
import { at, listOf, mapOf, numberOf, parseJson, textOf } from "./json-view.ts";
import type { WireEvent } from "./wire-events.ts";
import { dataOf, wireEvents } from "./wire-events.ts";

/** Whether a stream that ends behind this event is whole. */
export const isGeminiEnd = (event: WireEvent): boolean =>
  at(candidateOf(dataOf(event)), "finishReason") !== undefined;

export function expectGemini(recorded: RecordedCase): Expectation {
  if (recorded.kind === "error") {
    const failure = geminiHttpFailure(recorded);
    return { content: nothing, model: undefined, usage: undefined, finish: undefined, failure };
  }
  const { chunks, error } = chunksOf(recorded);
  const finish = error === undefined ? finishOf(chunks) : undefined;
  return {
    content: { ...contentOf(chunks.map(candidateOf)), kept: [...keptOf(chunks, finish)] },
    model: textOf(at(chunks[0], "modelVersion")),
    usage: usageOf(chunks),
    finish,
    failure: finish === undefined ? geminiStreamFailure(error) : undefined,
  };
}

const candidateOf = (chunk: unknown): unknown => at(chunk, "candidates", 0);

interface Chunks {
  readonly chunks: readonly unknown[];
  /** That of the object which stands bare behind the events. */
  readonly error: unknown;
}

function chunksOf({ stream, body }: RecordedCase): Chunks {
  if (!stream) {
    const answer = parseJson(body);
    return { chunks: Array.isArray(answer) ? answer : [answer], error: undefined };
  }
  const events = wireEvents(body);
  const behind = Buffer.from(body)
    .subarray(events.at(-1)?.endsAtByte ?? 0)
    .toString()
    .trim();
  const error = behind.startsWith("{") ? at(parseJson(behind), "error") : undefined;
  return { chunks: events.map(dataOf), error };
}

/** The last value of what the vendor tells again and again counts. */
function last(values: readonly unknown[]): unknown {
  return values.findLast((value) => value !== undefined);
}

function keptOf(chunks: readonly unknown[], finish: ExpectedFinish | undefined): ExpectedContent["kept"] {
  const candidates = chunks.map(candidateOf);
  const { kept } = contentOf(candidates);
  if (finish === undefined) return kept;
  const told = [
    last(candidates.map((candidate) => at(candidate, "safetyRatings"))),
    last(candidates.map((candidate) => at(candidate, "avgLogprobs"))),
    last(candidates.map((candidate) => at(candidate, "groundingMetadata"))),
    last(chunks.map((chunk) => at(chunk, "promptFeedback"))),
    finish.rawReason === "STOP"
      ? undefined
      : last(candidates.map((candidate) => at(candidate, "finishMessage"))),
  ];
  return [...kept, ...told.filter((value) => value !== undefined).map((value) => JSON.stringify(value))];
}

const reasons: Readonly<Record<string, FinishReason>> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "content_filter",
  MODEL_ARMOR: "content_filter",
  // The answer holds the call that was not expected; whoever reads it can answer the call.
  UNEXPECTED_TOOL_CALL: "stop",
  // A word that nobody knows ends an answer as any other does.
  FAKE_ENUM: "stop",
};

function finishOf(chunks: readonly unknown[]): ExpectedFinish | undefined {
  const candidates = chunks.map(candidateOf);
  const told = last(candidates.map((candidate) => at(candidate, "finishReason")));
  const blocked = textOf(last(chunks.map((chunk) => at(chunk, "promptFeedback", "blockReason"))));
  if (told === undefined) {
    return blocked === undefined
      ? undefined
      : { reason: "content_filter", rawReason: blocked, stopSequence: undefined };
  }
  const rawReason = told === 1 ? "STOP" : (textOf(told) ?? "");
  const reason = reasons[rawReason];
  if (reason === undefined) throw new Error(`unread finish reason: ${JSON.stringify(told)}`);
  const calls = contentOf(candidates).tools.length > 0;
  return { reason: calls && reason === "stop" ? "tool_calls" : reason, rawReason, stopSequence: undefined };
}

/** All that is not the prompt's, nor of the vendor's tools, is output; thoughts are a part of that. */
function usageOf(chunks: readonly unknown[]): ExpectedUsage | undefined {
  const usage = mapOf(
    last(
      chunks
        .map((chunk) => at(chunk, "usageMetadata"))
        .filter((told) => at(told, "promptTokenCount") !== undefined),
    ),
  );
  const prompt = numberOf(usage.promptTokenCount);
  const total = numberOf(usage.totalTokenCount);
  if (prompt === undefined || total === undefined) return undefined;
  const inputTotal = prompt + (numberOf(usage.toolUsePromptTokenCount) ?? 0);
  return {
    inputTotal,
    cacheRead: numberOf(usage.cachedContentTokenCount),
    cacheWrite: undefined,
    outputTotal: total - inputTotal,
    reasoning: numberOf(usage.thoughtsTokenCount),
    inputAudio: audioIn(usage.promptTokensDetails),
    outputAudio: audioIn(usage.candidatesTokensDetails),
  };
}

const audioIn = (details: unknown): number | undefined =>
  details === undefined
    ? undefined
    : listOf(details)
        .filter((entry) => at(entry, "modality") === "AUDIO")
        .reduce<number>((sum, entry) => sum + (numberOf(at(entry, "tokenCount")) ?? 0), 0);

export function expectGeminiEmbedding({ body }: RecordedCase): ExpectedEmbedding {
  const answer = parseJson(body);
  return {
    model: undefined,
    vectors: listOf(at(answer, "embeddings")).map((embedding) => listOf(at(embedding, "values")).map(Number)),
    inputTokens: numberOf(at(answer, "usageMetadata", "promptTokenCount")),
  };
}

export const expectGeminiModels = ({ body }: RecordedCase): readonly string[] =>
  listOf(at(parseJson(body), "models")).map((model) => String(at(model, "name")).slice("models/".length));
