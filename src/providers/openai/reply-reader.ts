// One reply of the vendor's, whole or chunk by chunk, as the core's events.

import type { ProviderChatEvent, UsageTold } from "../../core/chat/events.ts";
import type { Usage } from "../../core/chat/usage.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { brokenReply } from "./broken-reply.ts";
import { readOpenAiErrorObject } from "./errors.ts";
import type { FamilyMember } from "./family.ts";
import { finishReasonOf } from "./finish-reason.ts";
import { createMessageReader } from "./message.ts";
import { checkDepth, createPartWriter } from "./parts.ts";
import { createReasoningReader } from "./reasoning.ts";
import { createToolCallReader } from "./tool-calls.ts";
import { readUsage } from "./usage.ts";
import { isJsonObject } from "../vendor-json.ts";
import { listIn, objectIn, saysSomething, textIn } from "./wire.ts";

export interface ReplyReader {
  /**
   * A chunk of a stream, or a whole answer.
   * @throws ProviderError for an error inside it, or what is not of the format
   */
  read(answer: JsonObject): readonly ProviderChatEvent[];
  /**
   * What comes last.
   * @throws ProviderError `broken_reply` when the reply holds neither content nor a finish reason
   */
  end(): readonly ProviderChatEvent[];
  untoldUsage(): UsageTold | undefined;
}

/** Members of an answer that describe it; others hold something that was asked for, and are handed on. */
const answerNotes = new Set([
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
  "obfuscation",
  "usage_breakdown",
  "x_groq",
]);

const choiceNotes = new Set([
  "index",
  "delta",
  "message",
  "logprobs",
  "finish_reason",
  "native_finish_reason",
  "error",
]);

export function createReplyReader(member: FamilyMember): ReplyReader {
  const parts = createPartWriter(member.kind);
  const toolCalls = createToolCallReader(parts, () => answerId ?? "0");
  const reasoning = createReasoningReader(parts);
  const message = createMessageReader(member, { parts, reasoning, toolCalls });
  const handedOn = new Map<string, string>();
  let started = false;
  let answerId: string | undefined;
  let rawReason: string | undefined;
  let usage: Usage | undefined;
  let usageTold = false;

  function readChoice(choice: JsonObject): void {
    const error = choice["error"];
    if (saysSomething(error)) throw readOpenAiErrorObject(error, member);
    const held = objectIn(choice["delta"]) ?? objectIn(choice["message"]);
    if (held !== undefined) message.read(held, choice["logprobs"]);
    rawReason = textIn(choice["finish_reason"]) ?? rawReason;
    if (rawReason === "error") throw readOpenAiErrorObject({}, member);
    handOn(choice, choiceNotes);
  }

  // Servers repeat such members in every chunk: once is enough while they say the same.
  function handOn(object: JsonObject, notes: ReadonlySet<string>): void {
    for (const key in object) {
      if (notes.has(key)) continue;
      const value = object[key];
      if (!saysSomething(value)) continue;
      if (handedOn.size === maxHandedOn && !handedOn.has(key)) throw brokenReply("it has too many members");
      const json = JSON.stringify(checkDepth(value));
      if (handedOn.get(key) === json) continue;
      handedOn.set(key, json);
      parts.opaque(key, value);
    }
  }

  return {
    read(answer) {
      usage = readUsage(answer, member) ?? usage;
      const error = answer["error"];
      if (saysSomething(error)) throw readOpenAiErrorObject(error, member);
      answerId ??= textIn(answer["id"]);
      const choice = firstChoice(answer["choices"]);
      if (choice !== undefined) readChoice(choice);
      handOn(answer, answerNotes);
      if (started) return parts.take();
      started = true;
      return [{ type: "started", model: textIn(answer["model"]) }, ...parts.take()];
    },
    end() {
      if (rawReason === undefined && parts.count() === 0) {
        throw brokenReply("it has neither content nor a finish reason");
      }
      toolCalls.end();
      parts.close();
      const events: ProviderChatEvent[] = [...parts.take()];
      if (usage !== undefined) events.push({ type: "usage", usage });
      usageTold = true;
      const reason = finishReasonOf(rawReason, {
        toolCalls: parts.held("tool_call"),
        refusal: parts.held("refusal"),
      });
      events.push({ type: "finished", reason, rawReason });
      return events;
    },
    untoldUsage: () => (usage === undefined || usageTold ? undefined : { type: "usage", usage }),
  };
}

const maxHandedOn = 64;

/** Other choices than the first cannot be asked for through us; a server that sends them anyway is not read. */
function firstChoice(choices: JsonValue | undefined): JsonObject | undefined {
  for (const choice of listIn(choices)) {
    if (isJsonObject(choice) && (choice["index"] ?? 0) === 0) return choice;
  }
  return undefined;
}
