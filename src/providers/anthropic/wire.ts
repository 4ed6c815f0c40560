// The vendor's request.
// Source: platform.claude.com/docs/en/api/messages

import type { JsonObject } from "../../core/json.ts";
import type { ClaudeEffort, ClaudeThinking } from "../claude/thinking.ts";

export interface CacheControl {
  readonly type: "ephemeral";
  /** Absent: five minutes. */
  readonly ttl?: "1h" | undefined;
}

interface Cached {
  readonly cache_control?: CacheControl | undefined;
}

export interface TextBlock extends Cached {
  readonly type: "text";
  readonly text: string;
}

export interface ImageBlock extends Cached {
  readonly type: "image";
  readonly source:
    | { readonly type: "base64"; readonly media_type: string; readonly data: string }
    | { readonly type: "url"; readonly url: string };
}

export interface DocumentBlock extends Cached {
  readonly type: "document";
  readonly source:
    | ImageBlock["source"]
    | { readonly type: "text"; readonly media_type: "text/plain"; readonly data: string };
  readonly title?: string | undefined;
}

export interface ToolUseBlock extends Cached {
  readonly type: "tool_use";
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
}

export interface ToolResultBlock extends Cached {
  readonly type: "tool_result";
  readonly tool_use_id: string;
  readonly content?: readonly (TextBlock | ImageBlock)[] | undefined;
  readonly is_error?: boolean | undefined;
}

export type ThinkingBlock =
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string };

export type ContentBlock =
  | TextBlock
  | ImageBlock
  | DocumentBlock
  | ToolUseBlock
  | ToolResultBlock
  | ThinkingBlock;

export interface AnthropicMessage {
  readonly role: "user" | "assistant";
  readonly content: readonly ContentBlock[];
}

export interface AnthropicTool extends Cached {
  readonly name: string;
  readonly description?: string | undefined;
  readonly input_schema: JsonObject;
  readonly strict?: boolean | undefined;
}

export type AnthropicToolChoice =
  | { readonly type: "none" }
  | { readonly type: "auto" | "any"; readonly disable_parallel_tool_use?: boolean | undefined }
  | {
      readonly type: "tool";
      readonly name: string;
      readonly disable_parallel_tool_use?: boolean | undefined;
    };

export interface AnthropicOutputConfig {
  readonly format?: { readonly type: "json_schema"; readonly schema: JsonObject } | undefined;
  readonly effort?: ClaudeEffort | undefined;
}

/** The body of `POST /v1/messages`; further members come from the caller's provider options. */
export interface AnthropicRequestBody {
  readonly model: string;
  readonly max_tokens: number;
  readonly messages: readonly AnthropicMessage[];
  readonly stream: boolean;
  readonly system?: readonly TextBlock[] | undefined;
  readonly tools?: readonly AnthropicTool[] | undefined;
  readonly tool_choice?: AnthropicToolChoice | undefined;
  readonly thinking?: ClaudeThinking | undefined;
  readonly output_config?: AnthropicOutputConfig | undefined;
  readonly temperature?: number | undefined;
  readonly top_p?: number | undefined;
  readonly top_k?: number | undefined;
  readonly stop_sequences?: readonly string[] | undefined;
}
