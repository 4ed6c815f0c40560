// The body of `POST /responses`. Source: platform.openai.com/docs/api-reference/responses/create

import type { JsonObject, JsonValue } from "../../../core/json.ts";

export type InputContent =
  | { readonly type: "input_text"; readonly text: string }
  | { readonly type: "input_image"; readonly image_url: string; readonly detail?: string | undefined }
  | { readonly type: "input_file"; readonly filename: string; readonly file_data: string }
  | { readonly type: "input_file"; readonly file_url: string };

export type Content = string | readonly InputContent[];

export interface ReasoningItem {
  readonly type: "reasoning";
  readonly id?: string | undefined;
  readonly summary: readonly { readonly type: "summary_text"; readonly text: string }[];
  readonly content?: readonly { readonly type: "reasoning_text"; readonly text: string }[] | undefined;
  readonly encrypted_content?: string | undefined;
  /** OpenRouter's, as is `format`. */
  readonly signature?: string | undefined;
  readonly format?: string | undefined;
}

export type InputItem =
  | { readonly role: "system" | "user"; readonly content: Content }
  /** A string: not every vendor takes a list back that has not the ids of the answer. */
  | { readonly role: "assistant"; readonly content: string }
  | {
      readonly type: "function_call";
      readonly call_id: string;
      readonly name: string;
      readonly arguments: string;
    }
  | { readonly type: "function_call_output"; readonly call_id: string; readonly output: Content }
  | ReasoningItem;

export interface WireTool {
  readonly type: "function";
  readonly name: string;
  readonly description?: string | undefined;
  readonly parameters: JsonObject;
  readonly strict: boolean;
}

export type WireToolChoice =
  | "auto"
  | "none"
  | "required"
  | { readonly type: "function"; readonly name: string };

/** Further members come from the caller's provider options. */
export interface ResponsesRequestBody {
  readonly model: string;
  readonly input: readonly InputItem[];
  readonly stream?: true | undefined;
  readonly store?: boolean | undefined;
  readonly include?: readonly string[] | undefined;
  readonly tools?: readonly WireTool[] | undefined;
  readonly tool_choice?: WireToolChoice | undefined;
  readonly parallel_tool_calls?: boolean | undefined;
  readonly text?: Readonly<Record<string, JsonValue>> | undefined;
  readonly max_output_tokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly top_p?: number | undefined;
  readonly top_k?: number | undefined;
  readonly frequency_penalty?: number | undefined;
  readonly presence_penalty?: number | undefined;
  readonly reasoning?: Readonly<Record<string, JsonValue>> | undefined;
}
