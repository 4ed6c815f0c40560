// What the baselines read of OpenAI's Chat Completions, as a small gateway would declare it.
// https://platform.openai.com/docs/api-reference/chat

export interface AskedMessage {
  readonly role: string;
  readonly content: string | readonly object[] | null;
  readonly name?: string;
  readonly tool_calls?: readonly object[];
  readonly tool_call_id?: string;
}

export interface AskedChat {
  readonly model: string;
  readonly messages: readonly AskedMessage[];
  readonly temperature?: number;
  readonly top_p?: number;
  readonly max_completion_tokens?: number;
  readonly stop?: string | readonly string[];
  readonly tools?: readonly object[];
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
}

export interface ToldUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number };
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number };
}

interface ToldMessage {
  readonly role?: "assistant";
  readonly content?: string | null;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly object[];
}

export interface ToldChat {
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly message: ToldMessage;
    readonly finish_reason: string;
  }[];
  readonly usage?: ToldUsage;
}

export interface ToldChunk {
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: ToldMessage;
    readonly finish_reason: string | null;
  }[];
  readonly usage?: ToldUsage | null;
}
