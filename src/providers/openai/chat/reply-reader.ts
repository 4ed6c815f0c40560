// One reply of the vendor's, whole or chunk by chunk, as the core's events.

import type { ProviderChatEvent, UsageTold } from "../../../core/chat/events.ts";
import type { Usage } from "../../../core/chat/usage.ts";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { brokenReply } from "../../broken-reply.ts";
import { createPartWriter } from "../../part-writer.ts";
import { isJsonArray, isJsonObject, objectIn, saysSomething, stringIn, textIn } from "../../vendor-json.ts";
import { readOpenAiErrorObject } from "../errors.ts";
import { errorInside } from "./error-inside.ts";
import type { FamilyMember } from "./family-member.ts";
import { failureOfReason, finishReasonOf } from "./finish-reason.ts";
import { createMemberHander } from "./handed-on.ts";
import { createMessageReader } from "./message.ts";
import { createReasoningReader } from "./reasoning.ts";
import { createSourceReader, sourceFields } from "./sources.ts";
import { createToolCallReader } from "./tool-calls.ts";
import { readUsage } from "./usage.ts";

export interface ReplyReader {
  /**
   * A chunk of a stream, or a whole answer.
   * @throws ProviderError for an error inside it, or what is not of the format
   */
  read(answer: JsonObject): readonly ProviderChatEvent[];
  /** Whether a finish reason has come. */
  hasFinished(): boolean;
  /**
   * What comes last.
   * @throws ProviderError `broken_reply` when the reply holds neither content nor a finish reason
   */
  end(): readonly ProviderChatEvent[];
  untoldUsage(): UsageTold | undefined;
}

/** Members of an answer that are read, or describe it; others hold something, and are handed on. */
const answerNotes: ReadonlySet<string> = new Set([
  "id",
  "object",
  "created",
  "model",
  "choices",
  "usage",
  "error",
  "provider",
  "service_tier",
  "system_fingerprint",
  // Padding, so that nobody guesses a text by the length of its pieces.
  "obfuscation",
  "p",
  "usage_breakdown",
  "time_info",
  ...sourceFields,
]);

const choiceNotes: ReadonlySet<string> = new Set([
  "index",
  "delta",
  "message",
  "text",
  "logprobs",
  "finish_reason",
  "native_finish_reason",
  "stop_reason",
  "matched_stop",
  "seed",
  "error",
  // Moonshot's; beside the choices it is told once more.
  "usage",
]);

const nothing: readonly ProviderChatEvent[] = [];

/** `form`: a whole answer has a `message`, chunks have a `delta`; some servers send both. */
export function createReplyReader(member: FamilyMember, form: "message" | "delta"): ReplyReader {
  const parts = createPartWriter(member.kind);
  const toolCalls = createToolCallReader(parts, () => answerId ?? "0");
  const reasoning = createReasoningReader(parts, toolCalls);
  const message = createMessageReader(member, { parts, reasoning, toolCalls });
  const sources = createSourceReader(parts);
  const members = createMemberHander(parts);
  const otherForm = form === "delta" ? "message" : "delta";
  let inForm = false;
  let started = false;
  let answerId: string | undefined;
  let rawReason: string | undefined;
  let stopSequence: string | undefined;
  let usage: Usage | undefined;
  let usageTold = false;

  function readChoice(choice: JsonObject): void {
    if (choice["usage"] !== undefined) usage ??= readUsage(choice, member);
    const error = choice["error"];
    if (saysSomething(error)) throw readOpenAiErrorObject(error, member);
    let held = objectIn(choice[form]);
    if (held !== undefined) inForm = true;
    // Behind pieces a whole message says all of them again.
    else if (!inForm) held = objectIn(choice[otherForm]);
    if (held !== undefined) message.read(held, choice["logprobs"]);
    const text = choice["text"];
    if (text !== undefined && text !== held?.["content"] && saysSomething(text)) parts.opaque("text", text);
    readFinish(choice);
    members.handOn(choice, choiceNotes);
  }

  function readFinish(choice: JsonObject): void {
    const reason = textIn(choice["finish_reason"]);
    if (reason === undefined) return;
    rawReason = reason;
    const failure = failureOfReason(reason);
    if (failure !== undefined) {
      throw readOpenAiErrorObject(`the answer broke off with the reason ${reason}`, member, failure);
    }
    // vLLM's and SGLang's: the text that ended the answer, or the number of a token.
    stopSequence = stringIn(choice["stop_reason"]) ?? stringIn(choice["matched_stop"]) ?? stopSequence;
  }

  return {
    read(answer) {
      usage = readUsage(answer, member) ?? usage;
      const error = errorInside(answer, member);
      if (error !== undefined) throw readOpenAiErrorObject(error, member);
      if (!started) answerId ??= textIn(answer["id"]);
      const choice = firstChoice(answer["choices"]);
      if (choice !== undefined) readChoice(choice);
      sources.read(answer);
      members.handOn(answer, answerNotes, member.besides);
      if (started) return parts.take();
      const model = textIn(answer["model"]);
      // Azure tells first how the prompt was filtered, and only then which model answers.
      if (model === undefined && choice === undefined) return nothing;
      started = true;
      return [{ type: "started", model }, ...parts.take()];
    },
    hasFinished: () => rawReason !== undefined,
    end() {
      if (rawReason === undefined && parts.count() === 0) {
        throw brokenReply("it has neither content nor a finish reason");
      }
      for (const proof of toolCalls.end()) {
        parts.prove({ redactedData: proof.signature, vendor: proof.vendor });
      }
      sources.end();
      parts.close();
      const events: ProviderChatEvent[] = started ? [] : [{ type: "started" }];
      events.push(...parts.take());
      if (usage !== undefined) events.push({ type: "usage", usage });
      usageTold = true;
      const reason = finishReasonOf(rawReason, {
        toolCalls: parts.held("tool_call"),
        refusal: parts.held("refusal"),
      });
      events.push({ type: "finished", reason, rawReason, stopSequence });
      return events;
    },
    untoldUsage: () => (usage === undefined || usageTold ? undefined : { type: "usage", usage }),
  };
}

/** Other choices than the first cannot be asked for through us; a server that sends them anyway is not read. */
function firstChoice(choices: JsonValue | undefined): JsonObject | undefined {
  if (!isJsonArray(choices)) return undefined;
  for (let i = 0; i < choices.length; i += 1) {
    const choice = choices[i];
    if (isJsonObject(choice) && (choice["index"] ?? 0) === 0) return choice;
  }
  return undefined;
}
