// One reply of the vendor's, whole or chunk by chunk, as the core's events.
// Source: ai.google.dev/api/generate-content#generatecontentresponse

import type { ProviderChatEvent, UsageTold } from "../../core/chat/events.ts";
import type { Usage } from "../../core/chat/usage.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { brokenReply, brokenReplyQuoted } from "../broken-reply.ts";
import { createPartWriter } from "../part-writer.ts";
import { isJsonObject, listIn, objectIn, saysSomething, textIn } from "../vendor-json.ts";
import { createContentReader } from "./content-parts.ts";
import { readGeminiErrorObject } from "./errors.ts";
import { blockWord, finishReasonOf, finishWord, isFailedCall } from "./finish-reason.ts";
import { createFunctionCallReader } from "./function-calls.ts";
import { createSourceReader } from "./sources.ts";
import { readUsage } from "./usage.ts";

export interface ReplyReader {
  /**
   * A chunk of a stream, or a whole answer.
   * @throws ProviderError for an error inside it, or what is not of the format
   */
  read(answer: JsonObject): readonly ProviderChatEvent[];
  /** Whether the vendor has told why it stopped. */
  isWhole(): boolean;
  /**
   * What comes last.
   * @throws ProviderError `broken_reply` when the reply holds neither content nor a reason, or failed at a call before it answered
   */
  end(): readonly ProviderChatEvent[];
  untoldUsage(): UsageTold | undefined;
}

/** Members that are read, or describe the reply; of the others the last value of each is handed on at the end. */
const answerNotes: ReadonlySet<string> = new Set([
  "candidates",
  "usageMetadata",
  "modelVersion",
  "responseId",
  "createTime",
  "error",
]);

const candidateNotes: ReadonlySet<string> = new Set([
  "index",
  "content",
  "finishReason",
  "finishMessage",
  "tokenCount",
  "citationMetadata",
  "groundingMetadata",
  "logprobsResult",
]);

const maxExtras = 64;

export function createReplyReader(): ReplyReader {
  const parts = createPartWriter("gemini");
  const calls = createFunctionCallReader(parts, () => replyId ?? "0");
  const content = createContentReader(parts, calls);
  const sources = createSourceReader(parts);
  const extras = new Map<string, JsonValue>();
  let started = false;
  let replyId: string | undefined;
  let finish: string | undefined;
  let finishMessage: string | undefined;
  let block: string | undefined;
  let usage: Usage | undefined;
  let usageTold = false;

  function readCandidate(candidate: JsonObject): void {
    const held = listIn(objectIn(candidate["content"])?.["parts"]);
    const { logprobsResult: logprobs } = candidate;
    const placed = content.read(held, saysSomething(logprobs) ? logprobs : undefined);
    if (!placed && saysSomething(logprobs)) parts.opaque("logprobsResult", logprobs);
    sources.read(candidate);
    finish = finishWord(candidate["finishReason"]) ?? finish;
    finishMessage = textIn(candidate["finishMessage"]) ?? finishMessage;
    keepExtras(candidate, candidateNotes);
  }

  function keepExtras(object: JsonObject, notes: ReadonlySet<string>): void {
    for (const key in object) {
      const value = object[key];
      if (notes.has(key) || !saysSomething(value)) continue;
      if (extras.size === maxExtras && !extras.has(key)) throw brokenReply("it has too many members");
      extras.set(key, value);
    }
  }

  return {
    read(answer) {
      usage = readUsage(answer["usageMetadata"]) ?? usage;
      const { error } = answer;
      if (saysSomething(error)) throw readGeminiErrorObject(error);
      replyId ??= textIn(answer["responseId"])?.slice(0, 64);
      block = blockWord(objectIn(answer["promptFeedback"])?.["blockReason"]) ?? block;
      const candidate = firstCandidate(answer["candidates"]);
      if (candidate !== undefined) readCandidate(candidate);
      keepExtras(answer, answerNotes);
      if (started) return parts.take();
      started = true;
      return [{ type: "started", model: textIn(answer["modelVersion"]), usage }, ...parts.take()];
    },
    isWhole: () => finish !== undefined || block !== undefined,
    end() {
      calls.end();
      const isEmpty = parts.count() === 0;
      if (isEmpty && finish === undefined && block === undefined) {
        throw brokenReply("it has neither content nor a finish reason");
      }
      // Thoughts that led to no answer are none.
      const hasAnswer = parts.held("text") || parts.held("tool_call") || parts.held("image");
      if (!hasAnswer && isFailedCall(finish)) throw failedCall(finish, finishMessage);
      parts.close();
      const rawReason = finish ?? block;
      if (finishMessage !== undefined && finish !== "STOP") parts.opaque("finishMessage", finishMessage);
      for (const [key, value] of extras) parts.opaque(key, value);
      const events: ProviderChatEvent[] = [...parts.take()];
      if (usage !== undefined) events.push({ type: "usage", usage });
      usageTold = true;
      const reason =
        finish === undefined && block !== undefined
          ? "content_filter"
          : finishReasonOf(finish, parts.held("tool_call"));
      events.push({ type: "finished", reason, rawReason });
      return events;
    },
    // Before `started` nothing can be told.
    untoldUsage: () => (usage === undefined || usageTold || !started ? undefined : { type: "usage", usage }),
  };
}

/** Other candidates than the first cannot be asked for through us. */
function firstCandidate(candidates: JsonValue | undefined): JsonObject | undefined {
  for (const candidate of listIn(candidates)) {
    if (isJsonObject(candidate) && (candidate["index"] ?? 0) === 0) return candidate;
  }
  return undefined;
}

const failedCall = (word = "", message = ""): Error =>
  brokenReplyQuoted(
    `the model failed at a tool call (${word})${message === "" ? "" : `, ${message.slice(0, 300)}`}`,
  );
