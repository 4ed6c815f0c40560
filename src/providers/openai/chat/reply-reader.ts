// One reply of the vendor's, whole or chunk by chunk, as the core's events.

import type { ProviderChatEvent, UsageTold } from "../../../core/chat/events.ts";
import type { Usage } from "../../../core/chat/usage.ts";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { brokenReply } from "../../broken-reply.ts";
import { createPartWriter, type PartWriter } from "../../part-writer.ts";
import { isJsonArray, isJsonObject, objectIn, saysSomething, stringIn, textIn } from "../../vendor-json.ts";
import { readOpenAiErrorObject } from "../errors.ts";
import { errorInside } from "./error-inside.ts";
import type { FamilyMember } from "./family-member.ts";
import { failureOfReason, finishReasonOf } from "./finish-reason.ts";
import { createMemberHander, type MemberHander } from "./handed-on.ts";
import { createMessageReader, type MessageReader } from "./message.ts";
import { createReasoningReader } from "./reasoning.ts";
import { createSourceReader, sourceFields, type SourceReader } from "./sources.ts";
import { createToolCallReader, type ToolCallReader } from "./tool-calls.ts";
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
export const createReplyReader = (member: FamilyMember, form: "message" | "delta"): ReplyReader =>
  new FamilyReplyReader(member, form);

class FamilyReplyReader implements ReplyReader {
  readonly #member: FamilyMember;
  readonly #form: "message" | "delta";
  readonly #parts: PartWriter;
  readonly #toolCalls: ToolCallReader;
  readonly #message: MessageReader;
  readonly #sources: SourceReader;
  readonly #members: MemberHander;
  #inForm = false;
  #started = false;
  #answerId: string | undefined;
  #rawReason: string | undefined;
  #stopSequence: string | undefined;
  #usage: Usage | undefined;
  #usageTold = false;

  constructor(member: FamilyMember, form: "message" | "delta") {
    const parts = createPartWriter(member.kind);
    const toolCalls = createToolCallReader(parts, () => this.#answerId ?? "0");
    const reasoning = createReasoningReader(parts, toolCalls);
    this.#member = member;
    this.#form = form;
    this.#parts = parts;
    this.#toolCalls = toolCalls;
    this.#message = createMessageReader(member, { parts, reasoning, toolCalls });
    this.#sources = createSourceReader(parts);
    this.#members = createMemberHander(parts);
  }

  read(answer: JsonObject): readonly ProviderChatEvent[] {
    const member = this.#member;
    this.#usage = readUsage(answer, member) ?? this.#usage;
    const error = errorInside(answer, member);
    if (error !== undefined) throw readOpenAiErrorObject(error, member);
    if (!this.#started) this.#answerId ??= textIn(answer["id"]);
    const choice = firstChoice(answer["choices"]);
    if (choice !== undefined) this.#readChoice(choice);
    this.#sources.read(answer);
    this.#members.handOn(answer, answerNotes, member.besides);
    if (this.#started) return this.#parts.take();
    const model = textIn(answer["model"]);
    // Azure tells first how the prompt was filtered, and only then which model answers.
    if (model === undefined && choice === undefined) return nothing;
    this.#started = true;
    return [{ type: "started", model }, ...this.#parts.take()];
  }

  hasFinished(): boolean {
    return this.#rawReason !== undefined;
  }

  end(): readonly ProviderChatEvent[] {
    const parts = this.#parts;
    if (this.#rawReason === undefined && parts.count() === 0) {
      throw brokenReply("it has neither content nor a finish reason");
    }
    for (const proof of this.#toolCalls.end()) {
      parts.prove({ redactedData: proof.signature, vendor: proof.vendor });
    }
    this.#sources.end();
    parts.close();
    const events: ProviderChatEvent[] = this.#started ? [] : [{ type: "started" }];
    events.push(...parts.take());
    if (this.#usage !== undefined) events.push({ type: "usage", usage: this.#usage });
    this.#usageTold = true;
    const reason = finishReasonOf(this.#rawReason, {
      toolCalls: parts.held("tool_call"),
      refusal: parts.held("refusal"),
    });
    const rawReason = this.#rawReason;
    events.push({ type: "finished", reason, rawReason, stopSequence: this.#stopSequence });
    return events;
  }

  untoldUsage(): UsageTold | undefined {
    return this.#usage === undefined || this.#usageTold ? undefined : { type: "usage", usage: this.#usage };
  }

  #readChoice(choice: JsonObject): void {
    if (choice["usage"] !== undefined) this.#usage ??= readUsage(choice, this.#member);
    const error = choice["error"];
    if (saysSomething(error)) throw readOpenAiErrorObject(error, this.#member);
    let held = objectIn(choice[this.#form]);
    if (held !== undefined) this.#inForm = true;
    // Behind pieces a whole message says all of them again.
    else if (!this.#inForm) held = objectIn(choice[this.#form === "delta" ? "message" : "delta"]);
    if (held !== undefined) this.#message.read(held, choice["logprobs"]);
    const text = choice["text"];
    if (text !== undefined && text !== held?.["content"] && saysSomething(text)) {
      this.#parts.opaque("text", text);
    }
    this.#readFinish(choice);
    this.#members.handOn(choice, choiceNotes);
  }

  #readFinish(choice: JsonObject): void {
    const reason = textIn(choice["finish_reason"]);
    if (reason === undefined) return;
    this.#rawReason = reason;
    const failure = failureOfReason(reason);
    if (failure !== undefined) {
      const said = `the answer broke off with the reason ${reason}`;
      throw readOpenAiErrorObject(said, this.#member, failure);
    }
    // vLLM's and SGLang's: the text that ended the answer, or the number of a token.
    this.#stopSequence =
      stringIn(choice["stop_reason"]) ?? stringIn(choice["matched_stop"]) ?? this.#stopSequence;
  }
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
