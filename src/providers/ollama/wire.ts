// The vendor's requests. Source: docs.ollama.com/api/chat and docs.ollama.com/api/embed

import type { JsonObject } from "../../core/json.ts";

export interface OllamaToolCall {
  /** Older servers pass over it, and over `tool_call_id`. */
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: JsonObject };
}

export interface OllamaMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string;
  readonly thinking?: string | undefined;
  /** Base64. */
  readonly images?: readonly string[] | undefined;
  readonly tool_calls?: readonly OllamaToolCall[] | undefined;
  readonly tool_name?: string | undefined;
  readonly tool_call_id?: string | undefined;
}

export interface OllamaTool {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description?: string | undefined;
    readonly parameters: JsonObject;
  };
}

/** The body of `POST /api/chat`; further members come from the caller's provider options. */
export interface OllamaChatBody {
  readonly model: string;
  readonly messages: readonly OllamaMessage[];
  readonly stream: boolean;
  readonly tools?: readonly OllamaTool[] | undefined;
  readonly think?: boolean | "low" | "medium" | "high" | undefined;
  /** A JSON schema, or any JSON. */
  readonly format?: "json" | JsonObject | undefined;
  readonly options?: JsonObject | undefined;
}
