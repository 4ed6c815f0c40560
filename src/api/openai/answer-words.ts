// What a whole answer and a stream's chunks share of OpenAI's words.

import type { Citation, FinishReason } from "../../core/chat/events.ts";
import type { MediaSource } from "../../core/chat/request.ts";
import type { Usage } from "../../core/chat/usage.ts";
import type { JsonValue } from "../../core/json.ts";
import { isArray, isObject } from "../json-fields.ts";

/** A refusal has a field of its own on the message, and no reason of its own. */
export const finishReasons = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  content_filter: "content_filter",
  refusal: "stop",
} as const satisfies Record<FinishReason, string>;

/** For vendors that refuse without a word: without it the answer would look like an empty success. */
export const wordlessRefusal = "The model refused to answer.";

export const createdSeconds = (createdAtMs: number): number => Math.floor(createdAtMs / 1000);

/** Only what is known: an unknown count is left out, not zero. */
export function usageJson({ input, output }: Usage): object {
  const { total: prompt, cacheRead } = input;
  const { total: completion, reasoning } = output;
  const read = { cached_tokens: cacheRead, audio_tokens: input.audio };
  const written = { reasoning_tokens: reasoning, audio_tokens: output.audio };
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt === undefined || completion === undefined ? undefined : prompt + completion,
    prompt_tokens_details: saysSomething(read) ? read : undefined,
    completion_tokens_details: saysSomething(written) ? written : undefined,
  };
}

const saysSomething = (details: object): boolean =>
  Object.values(details).some((count) => count !== undefined);

/** Undefined for a source without an address: OpenAI's annotations have no form for it. */
export function annotationJson({ url, title, raw }: Citation): object | undefined {
  if (url === undefined) return undefined;
  const told = isObject(raw) && isObject(raw["url_citation"]) ? raw["url_citation"] : undefined;
  return {
    type: "url_citation",
    url_citation: {
      start_index: told?.["start_index"],
      end_index: told?.["end_index"],
      url,
      title: title ?? "",
    },
  };
}

/** A picture of an answer in the form that OpenRouter and LiteLLM gave it; OpenAI has none. */
export const imageJson = (source: MediaSource): object => ({
  type: "image_url",
  image_url: { url: "url" in source ? source.url : `data:${source.mediaType};base64,${source.data}` },
});

export interface LogprobsJson {
  readonly content: readonly JsonValue[] | null;
  readonly refusal: readonly JsonValue[] | null;
}

/** What deltas told of their tokens. */
export interface ToldLogprobs {
  /** Whose tokens a bare list holds. */
  readonly kind: keyof LogprobsJson;
  readonly told: JsonValue;
}

/** Vendors of the family send lists of tokens, bare or as `{content, refusal}`; joined they are one. */
export function logprobsJson(all: readonly ToldLogprobs[]): LogprobsJson {
  const tokens: Record<keyof LogprobsJson, JsonValue[]> = { content: [], refusal: [] };
  for (const { kind, told } of all) {
    if (isArray(told)) tokens[kind].push(...told);
    else if (isObject(told)) {
      if (isArray(told["content"])) tokens.content.push(...told["content"]);
      if (isArray(told["refusal"])) tokens.refusal.push(...told["refusal"]);
    }
  }
  const { content, refusal } = tokens;
  return {
    content: content.length === 0 ? null : content,
    refusal: refusal.length === 0 ? null : refusal,
  };
}
