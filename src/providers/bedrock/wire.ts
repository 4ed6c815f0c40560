// The vendor's request, and only the members that we set.
// Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html

import type { JsonObject } from "../../core/json.ts";
import type { ClaudeEffort } from "../claude/thinking.ts";

export interface CachePoint {
  readonly cachePoint: {
    readonly type: "default";
    /** Absent: five minutes. */
    readonly ttl?: "1h" | undefined;
  };
}

export interface TextBlock {
  readonly text: string;
}

export type ImageFormat = "png" | "jpeg" | "gif" | "webp";

/** `bytes` is base64, here and below. */
export interface ImageBlock {
  readonly image: { readonly format: ImageFormat; readonly source: { readonly bytes: string } };
}

export type DocumentFormat = "pdf" | "csv" | "doc" | "docx" | "xls" | "xlsx" | "html" | "txt" | "md";

export interface DocumentBlock {
  readonly document: {
    readonly format: DocumentFormat;
    readonly name: string;
    readonly source: { readonly bytes: string };
  };
}

export type VideoFormat = "mkv" | "mov" | "mp4" | "webm" | "flv" | "mpeg" | "wmv" | "three_gp";

export interface VideoBlock {
  readonly video: { readonly format: VideoFormat; readonly source: { readonly bytes: string } };
}

export interface ToolUseBlock {
  readonly toolUse: { readonly toolUseId: string; readonly name: string; readonly input: JsonObject };
}

export interface ToolResultBlock {
  readonly toolResult: {
    readonly toolUseId: string;
    readonly content: readonly (TextBlock | ImageBlock)[];
    readonly status?: "error" | undefined;
  };
}

export interface ReasoningBlock {
  readonly reasoningContent:
    | { readonly reasoningText: { readonly text: string; readonly signature: string } }
    | { readonly redactedContent: string };
}

export type ContentBlock =
  | TextBlock
  | ImageBlock
  | DocumentBlock
  | VideoBlock
  | ToolUseBlock
  | ToolResultBlock
  | ReasoningBlock
  | CachePoint;

export interface ConverseMessage {
  readonly role: "user" | "assistant";
  readonly content: readonly ContentBlock[];
}

export interface ToolSpec {
  readonly toolSpec: {
    readonly name: string;
    readonly description?: string | undefined;
    readonly inputSchema: { readonly json: JsonObject };
    readonly strict?: true | undefined;
  };
}

export interface ToolConfig {
  readonly tools: readonly (ToolSpec | CachePoint)[];
  readonly toolChoice?:
    | { readonly auto: JsonObject }
    | { readonly any: JsonObject }
    | { readonly tool: { readonly name: string } }
    | undefined;
}

export interface InferenceConfig {
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
}

export interface OutputConfig {
  readonly textFormat?:
    | {
        readonly type: "json_schema";
        readonly structure: {
          readonly jsonSchema: {
            /** JSON text. */
            readonly schema: string;
            readonly name: string;
            readonly description?: string | undefined;
          };
        };
      }
    | undefined;
  readonly effort?: ClaudeEffort | undefined;
}

/** The body of `POST /model/{id}/converse`; further members come from the caller's provider options. */
export interface ConverseBody {
  readonly messages: readonly ConverseMessage[];
  readonly system?: readonly (TextBlock | CachePoint)[] | undefined;
  readonly inferenceConfig?: InferenceConfig | undefined;
  readonly toolConfig?: ToolConfig | undefined;
  readonly outputConfig?: OutputConfig | undefined;
  readonly additionalModelRequestFields?: JsonObject | undefined;
  readonly additionalModelResponseFieldPaths?: readonly string[] | undefined;
}
