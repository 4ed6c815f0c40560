// The request of Chat Completions.
// Source: platform.openai.com/docs/api-reference/chat

import type { JsonObject } from "../../../core/json.ts";

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
    | {
        readonly type: "document_url";
        readonly document_url: string;
        readonly document_name?: string | undefined;
      }
    | {
        readonly type: "thinking";
        readonly thinking: readonly [{ readonly type: "text"; readonly text: string }];
      }
  );

export type Content = string | readonly ContentPart[];

export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
  readonly extra_content?: JsonObject | undefined;
}

export interface WireMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  /** Null only beside tool calls. */
  readonly content: Content | null;
  readonly name?: string | undefined;
  readonly tool_calls?: readonly ToolCall[] | undefined;
  readonly tool_call_id?: string | undefined;
  readonly reasoning?: string | undefined;
  readonly reasoning_content?: string | undefined;
  readonly reasoning_details?: readonly JsonObject[] | undefined;
  readonly prefix?: true | undefined;
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
  | "any"
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

/** The wish for reasoning, in each vendor's words. */
export interface ReasoningFields {
  readonly reasoning_effort?: string | undefined;
  readonly reasoning?: { readonly effort: string } | { readonly max_tokens: number } | undefined;
  readonly thinking?: { readonly type: "enabled" | "disabled" } | undefined;
  readonly chat_template_kwargs?: JsonObject | undefined;
}

/** The body of `POST /chat/completions`; further members come from the caller's provider options. */
export interface OpenAiRequestBody extends ReasoningFields {
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
  readonly random_seed?: number | undefined;
  readonly frequency_penalty?: number | undefined;
  readonly presence_penalty?: number | undefined;
  readonly max_completion_tokens?: number | undefined;
  readonly max_tokens?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly continue_final_message?: true | undefined;
  readonly add_generation_prompt?: false | undefined;
}
