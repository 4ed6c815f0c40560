// A Chat Completions request as the chat model has it.
// https://platform.openai.com/docs/api-reference/chat/create

import { invalidRequest } from "../../core/errors.ts";
import type { ChatRequest, ReasoningEffort, Sampling } from "../../core/chat/request.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { labelsFrom, otherFields } from "./common-fields.ts";
import {
  isArray,
  isObject,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalString,
  optionalWord,
  refuseUnknown,
  wrongType,
} from "../json-fields.ts";
import { messagesFrom } from "./message-mapping.ts";
import { responseFormatFrom, toolChoiceFrom, toolsFrom } from "./tool-mapping.ts";

export interface AskedCompletion {
  readonly request: ChatRequest;
  readonly stream: boolean;
  /** Whether a stream is to tell its usage. */
  readonly includeUsage: boolean;
}

const mappedFields = new Set([
  "model",
  "messages",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "response_format",
  "temperature",
  "top_p",
  "top_k",
  "seed",
  "frequency_penalty",
  "presence_penalty",
  "max_tokens",
  "max_completion_tokens",
  "stop",
  "reasoning_effort",
  "metadata",
  "stream",
  "stream_options",
  "n",
]);

/** What is refused rather than handed on, because its answer could not be told; with what to do. */
const refusedFields: ReadonlyMap<string, string> = new Map([
  ["functions", "is the old form; send tools"],
  ["function_call", "is the old form; send tool_choice"],
  ["audio", "audio answers are not served; leave it out"],
]);

// `include_obfuscation` asks for padding against eavesdroppers of the vendor's own stream; it is not ours.
const streamOptionFields = new Set(["include_usage", "include_obfuscation"]);
const efforts = [
  "none",
  "minimal",
  "low",
  "medium",
  "high",
  "xhigh",
] as const satisfies readonly ReasoningEffort[];

/** @throws GatewayError `invalid_request` whose `field` is a path in OpenAI's words */
export function readCompletionRequest(body: JsonValue): AskedCompletion {
  if (!isObject(body)) throw wrongType("body", "a JSON object", body);
  const n = optionalNumber(body, "n");
  if (n !== undefined && n !== 1)
    throw invalidRequest("n", `must be 1, not ${n}: one choice is served a call`);
  const stream = optionalBoolean(body, "stream") ?? false;
  const effort = optionalWord(body["reasoning_effort"], efforts, "reasoning_effort");
  const request: ChatRequest = {
    model: optionalString(body, "model"),
    messages: messagesFrom(body),
    tools: toolsFrom(body),
    toolChoice: toolChoiceFrom(body),
    parallelToolCalls: optionalBoolean(body, "parallel_tool_calls"),
    responseFormat: responseFormatFrom(body),
    sampling: samplingFrom(body),
    maxOutputTokens: maxOutputTokensFrom(body),
    stop: stopFrom(body),
    reasoning: effort === undefined ? undefined : { effort },
    labels: labelsFrom(body),
    providerOptions: providerOptionsFrom(body),
  };
  return { request, stream, includeUsage: includeUsageFrom(body, stream) };
}

function samplingFrom(body: JsonObject): Sampling {
  return {
    temperature: optionalNumber(body, "temperature"),
    topP: optionalNumber(body, "top_p"),
    topK: optionalNumber(body, "top_k"),
    seed: optionalNumber(body, "seed"),
    frequencyPenalty: optionalNumber(body, "frequency_penalty"),
    presencePenalty: optionalNumber(body, "presence_penalty"),
  };
}

function maxOutputTokensFrom(body: JsonObject): number | undefined {
  const older = optionalNumber(body, "max_tokens");
  const newer = optionalNumber(body, "max_completion_tokens");
  if (older !== undefined && newer !== undefined && older !== newer) {
    throw invalidRequest("max_tokens", "differs from max_completion_tokens; send one of them");
  }
  return newer ?? older;
}

function stopFrom(body: JsonObject): readonly string[] | undefined {
  const { stop } = body;
  if (stop === undefined || stop === null) return undefined;
  if (typeof stop === "string") return [stop];
  if (!isArray(stop)) throw wrongType("stop", "a string or an array of strings", stop);
  return stop.map((sequence, i) => {
    if (typeof sequence === "string") return sequence;
    throw wrongType(`stop[${i}]`, "a string", sequence);
  });
}

function includeUsageFrom(body: JsonObject, stream: boolean): boolean {
  const options = optionalObject(body, "stream_options");
  if (options === undefined) return false;
  if (!stream)
    throw invalidRequest("stream_options", "is for streams only; set stream to true or leave it out");
  refuseUnknown(options, streamOptionFields, "stream_options");
  return optionalBoolean(options, "include_usage", "stream_options") ?? false;
}

/** What has no place in the model goes as it is to the providers that speak OpenAI's format. */
function providerOptionsFrom(body: JsonObject): ChatRequest["providerOptions"] {
  const { modalities, metadata } = body;
  if (isArray(modalities) && modalities.includes("audio")) {
    throw invalidRequest("modalities", "audio answers are not served; leave it out");
  }
  const others = otherFields(body, { mapped: mappedFields, refused: refusedFields });
  if (others === undefined) return undefined;
  // A completion that its vendor is asked to keep takes its metadata along, to be found by.
  const kept = others["store"] === true && isObject(metadata);
  return { openai_family: kept ? { ...others, metadata } : others };
}
