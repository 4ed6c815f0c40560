// The chat request, as the core knows it. Protobuf, GraphQL and OpenAI JSON are wire formats of it.

import type { JsonObject } from "../json.ts";

/** A wish that the provider keeps everything up to here in its prompt cache: minutes, or about an hour. */
export type CacheHint = "short" | "long";

interface Hinted {
  readonly cacheHint?: CacheHint | undefined;
}

/** Bytes as base64 with their media type, or an address that the provider fetches itself. */
export type MediaSource =
  | { readonly data: string; readonly mediaType: string }
  | { readonly url: string; readonly mediaType?: string | undefined };

export interface TextPart extends Hinted {
  readonly type: "text";
  readonly text: string;
}

export interface ImagePart extends Hinted {
  readonly type: "image";
  readonly source: MediaSource;
  readonly detail?: "auto" | "low" | "high" | undefined;
}

export interface FilePart extends Hinted {
  readonly type: "file";
  readonly source: MediaSource;
  readonly filename?: string | undefined;
}

export interface ToolCallPart extends Hinted {
  readonly type: "tool_call";
  readonly id: string;
  readonly name: string;
  /** As the model wrote it: JSON text, usually of an object. */
  readonly argumentsJson: string;
  /** The proof that the vendor gave with the call, and whose it is. */
  readonly signature?: string | undefined;
  readonly vendor?: string | undefined;
}

export interface ToolResultPart extends Hinted {
  readonly type: "tool_result";
  readonly toolCallId: string;
  readonly content: readonly (TextPart | ImagePart)[];
  readonly isError?: boolean | undefined;
}

/** Reasoning given back to the model that wrote it, with the proof that vendors ask for. */
export interface ReasoningPart extends Hinted {
  readonly type: "reasoning";
  readonly text: string;
  readonly signature?: string | undefined;
  /** Reasoning that the vendor gave only in encrypted form. */
  readonly redactedData?: string | undefined;
  /** Whose proof that is: another vendor is not sent it. Absent: that of whoever answers. */
  readonly vendor?: string | undefined;
}

export type Part = TextPart | ImagePart | FilePart | ToolCallPart | ToolResultPart | ReasoningPart;

export type Role = "system" | "user" | "assistant" | "tool";

export interface Message {
  readonly role: Role;
  readonly parts: readonly Part[];
  readonly name?: string | undefined;
}

export interface Tool extends Hinted {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema of the arguments; absent: no arguments. */
  readonly parameters?: JsonObject | undefined;
  /** Ask the provider to hold the arguments to the schema. */
  readonly strict?: boolean | undefined;
}

export type ToolChoice =
  | { readonly type: "auto" | "none" | "required" }
  | { readonly type: "tool"; readonly name: string };

export type ResponseFormat =
  | { readonly type: "text" | "json" }
  | {
      readonly type: "json_schema";
      readonly name: string;
      readonly description?: string | undefined;
      readonly schema: JsonObject;
      readonly strict?: boolean | undefined;
    };

export interface Sampling {
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly seed?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
}

export type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh";

export interface ReasoningWish {
  readonly effort?: ReasoningEffort | undefined;
  readonly budgetTokens?: number | undefined;
}

export interface ChatRequest {
  /** A route, `auto`, `provider/model` or a model; absent: the use case's route, else `default`. */
  readonly model?: string | undefined;
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  readonly parallelToolCalls?: boolean | undefined;
  readonly responseFormat?: ResponseFormat | undefined;
  readonly sampling?: Sampling | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly reasoning?: ReasoningWish | undefined;
  /** The caller's metadata: kept on the record, never sent upstream. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /**
   * Passed through to a provider that bears the key as its name or kind. The key `openai_family` stands for
   * every provider that speaks OpenAI's format.
   */
  readonly providerOptions?: Readonly<Record<string, JsonObject>> | undefined;
}
