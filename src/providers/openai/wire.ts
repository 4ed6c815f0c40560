// The request of Chat Completions, and how fields of its answers are read. Answers are not trusted: a field of
// another type than documented reads as absent. By hand, because it runs for every event of every stream.
// Source: platform.openai.com/docs/api-reference/chat

import type { JsonObject, JsonValue } from "../../core/json.ts";
import { isJsonArray, isJsonObject } from "../vendor-json.ts";

export interface CacheControl {
  readonly type: "ephemeral";
  /** Absent: five minutes. */
  readonly ttl?: "1h" | undefined;
}

interface Cached {
  readonly cache_control?: CacheControl | undefined;
}

export type ContentPart = Cached &
  (
    | { readonly type: "text"; readonly text: string }
    | {
        readonly type: "image_url";
        readonly image_url: { readonly url: string; readonly detail?: string | undefined };
      }
    | { readonly type: "file"; readonly file: { readonly filename: string; readonly file_data: string } }
  );

export type Content = string | readonly ContentPart[];

export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface WireMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  /** Null only beside tool calls. */
  readonly content: Content | null;
  readonly name?: string | undefined;
  readonly tool_calls?: readonly ToolCall[] | undefined;
  readonly tool_call_id?: string | undefined;
  readonly reasoning?: string | undefined;
  readonly reasoning_details?: readonly JsonObject[] | undefined;
}

export interface WireTool {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description?: string | undefined;
    readonly parameters?: JsonObject | undefined;
    readonly strict?: boolean | undefined;
  };
}

export type WireToolChoice =
  | "auto"
  | "none"
  | "required"
  | { readonly type: "function"; readonly function: { readonly name: string } };

export type WireResponseFormat =
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema";
      readonly json_schema: {
        readonly name: string;
        readonly description?: string | undefined;
        readonly schema: JsonObject;
        readonly strict?: boolean | undefined;
      };
    };

/** The body of `POST /chat/completions`; further members come from the caller's provider options. */
export interface OpenAiRequestBody {
  readonly model: string;
  readonly messages: readonly WireMessage[];
  readonly stream?: true | undefined;
  readonly stream_options?: { readonly include_usage: true } | undefined;
  readonly tools?: readonly WireTool[] | undefined;
  readonly tool_choice?: WireToolChoice | undefined;
  readonly parallel_tool_calls?: boolean | undefined;
  readonly response_format?: WireResponseFormat | undefined;
  readonly temperature?: number | undefined;
  readonly top_p?: number | undefined;
  readonly top_k?: number | undefined;
  readonly seed?: number | undefined;
  readonly frequency_penalty?: number | undefined;
  readonly presence_penalty?: number | undefined;
  readonly max_completion_tokens?: number | undefined;
  readonly max_tokens?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly reasoning_effort?: string | undefined;
  readonly reasoning?: { readonly effort: string } | { readonly max_tokens: number } | undefined;
}

/** A string that says something: vendors write "" where they mean nothing. */
export const textIn = (value: JsonValue | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

export const objectIn = (value: JsonValue | undefined): JsonObject | undefined =>
  isJsonObject(value) ? value : undefined;

const none: readonly JsonValue[] = [];

export const listIn = (value: JsonValue | undefined): readonly JsonValue[] =>
  isJsonArray(value) ? value : none;

/** False for what vendors send in place of nothing: null, "", [] and {}. */
export function saysSomething(value: JsonValue | undefined): value is JsonValue {
  if (value === undefined || value === null || value === "") return false;
  if (typeof value !== "object") return true;
  return isJsonArray(value) ? value.length > 0 : Object.keys(value).length > 0;
}
