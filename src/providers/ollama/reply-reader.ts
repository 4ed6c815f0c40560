// A whole answer, or a line of a stream: both have the same members. The last line has `done`.
// Source: docs.ollama.com/api/chat

import type { FinishReason, ProviderChatEvent, UsageTold } from "../../core/chat/events.ts";
import type { Usage } from "../../core/chat/usage.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { brokenReply } from "../broken-reply.ts";
import { checkDepth, createPartWriter, type PartWriter } from "../part-writer.ts";
import { isJsonArray, listIn, objectIn, saysSomething, textIn } from "../vendor-json.ts";
import { readOllamaErrorLine } from "./errors.ts";
import { usageOf } from "./usage.ts";

export interface ReplyReader {
  /** @throws ProviderError for an error in its place, or what is not of the format */
  read(answer: JsonObject): readonly ProviderChatEvent[];
  isComplete(): boolean;
  untoldUsage(): UsageTold | undefined;
}

/** Members that describe an answer, or are read by name. */
const answerNotes: ReadonlySet<string> = new Set([
  "model",
  "created_at",
  "message",
  "done",
  "done_reason",
  "error",
  "logprobs",
  "remote_model",
  "remote_host",
  "total_duration",
  "load_duration",
  "prompt_eval_count",
  "prompt_eval_duration",
  "eval_count",
  "eval_duration",
]);

const messageNotes: ReadonlySet<string> = new Set(["role", "content", "thinking", "tool_calls"]);

export function createReplyReader(): ReplyReader {
  const parts = createPartWriter("ollama");
  const handedOn = new Map<string, string>();
  const callIds = new Set<string>();
  let started = false;
  let complete = false;
  let usage: Usage | undefined;
  let answeredAt = "0";

  function begin(answer: JsonObject): readonly ProviderChatEvent[] {
    if (started) return [];
    started = true;
    answeredAt = (textIn(answer["created_at"]) ?? "").replaceAll(/\D/g, "").slice(0, 24) || "0";
    return [{ type: "started", model: textIn(answer["model"]) }];
  }

  function end(answer: JsonObject): readonly ProviderChatEvent[] {
    complete = true;
    parts.close();
    const events: ProviderChatEvent[] = [...parts.take()];
    if (usage !== undefined) events.push({ type: "usage", usage });
    const rawReason = textIn(answer["done_reason"]);
    events.push({ type: "finished", reason: reasonOf(rawReason, parts), rawReason });
    return events;
  }

  // What stands in every line is told once, while it says the same.
  function handOn(name: string, value: JsonValue): void {
    const json = JSON.stringify(checkDepth(value));
    if (handedOn.get(name) === json) return;
    if (handedOn.size === mostHandedOn && !handedOn.has(name)) throw brokenReply("it has too many members");
    handedOn.set(name, json);
    parts.opaque(name, value);
  }

  return {
    read(answer) {
      const error = answer["error"];
      if (saysSomething(error)) throw readOllamaErrorLine(error);
      const message = objectIn(answer["message"]);
      if (message === undefined && answer["done"] !== true) throw brokenReply("an answer without a message");
      const events = [...begin(answer)];
      usage = usageOf(answer) ?? usage;
      if (message !== undefined) {
        readMessage(message, { parts, logprobs: answer["logprobs"], answeredAt, callIds });
      }
      for (const [name, value] of unknownMembers(answer, answerNotes)) handOn(name, value);
      events.push(...(answer["done"] === true ? end(answer) : parts.take()));
      return events;
    },
    isComplete: () => complete,
    untoldUsage: () => (usage === undefined || complete ? undefined : { type: "usage", usage }),
  };
}

/** The vendor ends tool calls with `stop`. Words that are not known end a reply as that does. */
function reasonOf(word: string | undefined, parts: PartWriter): FinishReason {
  if (word === "length") return "length";
  return parts.held("tool_call") ? "tool_calls" : "stop";
}

interface Reading {
  readonly parts: PartWriter;
  readonly logprobs: JsonValue | undefined;
  /** The digits of the time of the first line: they make up ids for calls that have none. */
  readonly answeredAt: string;
  /** Those of the calls before: two calls never share one. */
  readonly callIds: Set<string>;
}

function readMessage(message: JsonObject, { parts, logprobs, ...reading }: Reading): void {
  const thinking = textIn(message["thinking"]);
  const content = textIn(message["content"]);
  const told = isJsonArray(logprobs) && logprobs.length > 0 ? checkDepth(logprobs) : undefined;
  if (thinking !== undefined) parts.write("reasoning", thinking, content === undefined ? told : undefined);
  // Log probabilities of a token without a visible text of its own must not be lost either.
  if (content !== undefined || (told !== undefined && thinking === undefined)) {
    parts.write("text", content ?? "", told);
  }
  for (const call of listIn(message["tool_calls"])) readCall(call, { parts, ...reading });
  for (const [name, value] of unknownMembers(message, messageNotes)) parts.opaque(name, value);
}

function readCall(value: JsonValue, { parts, answeredAt, callIds }: Omit<Reading, "logprobs">): void {
  const call = objectIn(value);
  const told = objectIn(call?.["function"]);
  const name = textIn(told?.["name"]);
  if (name === undefined) throw brokenReply("a tool call without a name");
  const given = textIn(call?.["id"]);
  const id = given === undefined || callIds.has(given) ? `call_${answeredAt}_${parts.count()}` : given;
  callIds.add(id);
  const index = parts.open({ kind: "tool_call", id, name });
  parts.more(index, argumentsOf(told?.["arguments"]));
  parts.finish(index);
}

/** The vendor writes an object. */
function argumentsOf(value: JsonValue | undefined): string {
  if (typeof value === "string" && value !== "") return value;
  return JSON.stringify(checkDepth(saysSomething(value) ? value : {}));
}

const mostHandedOn = 64;
const none: readonly (readonly [string, JsonValue])[] = [];

function unknownMembers(
  members: JsonObject,
  known: ReadonlySet<string>,
): readonly (readonly [string, JsonValue])[] {
  let unknown: [string, JsonValue][] | undefined;
  for (const name in members) {
    const value = members[name];
    if (!known.has(name) && saysSomething(value)) (unknown ??= []).push([name, value]);
  }
  return unknown ?? none;
}
