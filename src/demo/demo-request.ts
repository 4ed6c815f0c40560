/** What the demo model understands of a request, whichever vendor's format it came in, and how it refuses one. */

export interface DemoMessage {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly text: string;
  readonly images: number;
  /** The message's share of the prompt tokens. */
  readonly tokens: number;
}

export interface DemoTool {
  readonly name: string;
  /** JSON schema of the arguments. */
  readonly schema: unknown;
}

export type DemoToolChoice =
  | { readonly kind: "auto" | "none" | "required" }
  | { readonly kind: "named"; readonly name: string };

export type DemoFormat =
  | { readonly kind: "text" | "json" }
  | { readonly kind: "json_schema"; readonly schema: unknown };

export interface DemoRequest {
  readonly model: string;
  readonly stream: boolean;
  /** Whether the stream shall end with a usage chunk (OpenAI's `stream_options.include_usage`). */
  readonly includeUsage: boolean;
  readonly messages: readonly DemoMessage[];
  /** The last message, where it is the assistant's and the vendor lets the model go on with it. */
  readonly begun?: string | undefined;
  readonly tools: readonly DemoTool[];
  readonly toolChoice: DemoToolChoice;
  readonly parallelTools: boolean;
  readonly maxTokens: number | undefined;
  readonly stop: readonly string[];
  readonly format: DemoFormat;
  readonly reasoning: boolean;
}

export interface RefusalOptions {
  readonly status: number;
  readonly message: string;
  /** The vendor's error type; without it the status decides. */
  readonly type?: string | undefined;
  /** OpenAI only: the field at fault, and the code. */
  readonly param?: string | undefined;
  readonly code?: string | undefined;
}

/** Ends a request with an HTTP error in the vendor's own shape. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly type: string | undefined;
  readonly param: string | undefined;
  readonly code: string | undefined;

  constructor(options: RefusalOptions) {
    super(options.message);
    this.status = options.status;
    this.type = options.type;
    this.param = options.param;
    this.code = options.code;
  }
}

export function lastUserText(request: DemoRequest): string {
  return request.messages.findLast((message) => message.role === "user")?.text ?? "";
}

/** Results that came in since the model last spoke. */
export function freshToolResults(request: DemoRequest): readonly DemoMessage[] {
  const messages = request.begun === undefined ? request.messages : request.messages.slice(0, -1);
  const spoke = messages.findLastIndex((message) => message.role === "assistant");
  return messages.slice(spoke + 1).filter((message) => message.role === "tool");
}
