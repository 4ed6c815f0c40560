// The request of `generateContent`. Source: ai.google.dev/api/generate-content

import type { JsonObject, JsonValue } from "../../core/json.ts";

export interface InlineData {
  readonly mimeType: string;
  /** Base64. */
  readonly data: string;
}

export interface FileData {
  readonly fileUri: string;
  readonly mimeType?: string | undefined;
}

export interface TextPart {
  readonly text: string;
  readonly thought?: true | undefined;
  readonly thoughtSignature?: string | undefined;
}

export interface FunctionCallPart {
  readonly functionCall: { readonly id: string; readonly name: string; readonly args: JsonObject };
  readonly thoughtSignature?: string | undefined;
}

export interface FunctionResponsePart {
  readonly functionResponse: {
    readonly id: string;
    readonly name: string;
    readonly response: JsonObject;
    /** Media that belong to the result; Gemini 3 and later. */
    readonly parts?: readonly { readonly inlineData: InlineData }[] | undefined;
  };
}

/** Of one image or file; Gemini 3 and later. */
export interface MediaResolution {
  readonly mediaResolution?: { readonly level: "MEDIA_RESOLUTION_LOW" | "MEDIA_RESOLUTION_HIGH" } | undefined;
}

export type MediaPart = ({ readonly inlineData: InlineData } | { readonly fileData: FileData }) &
  MediaResolution;

export type ContentPart = TextPart | FunctionCallPart | FunctionResponsePart | MediaPart;

export interface Content {
  readonly role: "user" | "model";
  readonly parts: readonly ContentPart[];
}

export interface FunctionDeclaration {
  readonly name: string;
  readonly description?: string | undefined;
  readonly parametersJsonSchema?: JsonObject | undefined;
}

export interface ToolConfig {
  readonly functionCallingConfig: {
    readonly mode: "AUTO" | "VALIDATED" | "ANY" | "NONE";
    readonly allowedFunctionNames?: readonly string[] | undefined;
  };
}

export interface ThinkingConfig {
  readonly includeThoughts?: true | undefined;
  readonly thinkingLevel?: "minimal" | "low" | "medium" | "high" | undefined;
  readonly thinkingBudget?: number | undefined;
}

export interface GenerationConfig {
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly seed?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  readonly responseMimeType?: "application/json" | undefined;
  readonly responseJsonSchema?: JsonObject | undefined;
  readonly thinkingConfig?: ThinkingConfig | undefined;
}

/** The body; further members come from the caller's provider options. */
export interface GeminiRequestBody {
  readonly contents: readonly Content[];
  readonly systemInstruction?: { readonly parts: readonly TextPart[] } | undefined;
  readonly tools?: readonly { readonly functionDeclarations: readonly FunctionDeclaration[] }[] | undefined;
  readonly toolConfig?: ToolConfig | undefined;
  readonly generationConfig?: GenerationConfig | undefined;
}

/** One text of `batchEmbedContents`. Source: ai.google.dev/api/embeddings */
export interface EmbedContentRequest {
  readonly model: string;
  readonly content: { readonly parts: readonly [{ readonly text: string }] };
  readonly taskType?: "RETRIEVAL_QUERY" | "RETRIEVAL_DOCUMENT" | undefined;
  readonly outputDimensionality?: number | undefined;
  readonly [option: string]: JsonValue | object | undefined;
}
