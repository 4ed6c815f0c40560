// What a vendor that speaks Chat Completions does otherwise than OpenAI. A member of the family is a table of
// these; no code asks for a member's name.

import type { ReasoningEffort } from "../../../core/chat/request.ts";
import type { FailureClass } from "../../../core/provider-error.ts";
import type { Authorize, ProviderSettings } from "../credential.ts";
import type { TraitsOf } from "../model-traits.ts";
import type { ReasoningFields } from "./wire.ts";

/** Where a provider of the member's is. */
export interface Place {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly settings: ProviderSettings;
}

/** What is asked of a member, and of which model: addresses depend on it. */
export interface AddressQuery extends Place {
  readonly call: "chat" | "embeddings" | "models";
  /** As the target names it; a list of models is asked for with "". */
  readonly model: string;
}

export interface Address {
  /** Behind the base URL, with a leading slash, and a query where the vendor wants one. */
  readonly path: string;
  /** The model as it stands in the body. */
  readonly model: string;
}

/** How the wish for reasoning is sent. */
export interface ReasoningWishes {
  /** The members of the body that say an effort; for one that is missing the nearest is sent. */
  readonly efforts: Partial<Readonly<Record<ReasoningEffort, ReasoningFields>>>;
  /** Absent: a budget cannot be told. */
  readonly budget?: ((tokens: number) => ReasoningFields) | undefined;
}

/**
 * How reasoning of earlier turns is given back: not at all, as a text beside the content, as the first pieces of
 * the content, or as OpenRouter's `reasoning_details`, with its proof.
 */
export type ReasoningBack = "no" | "reasoning" | "reasoning_content" | "thinking pieces" | "details";

export interface EmbeddingWays {
  /** Whether vectors are asked for as base64; elsewhere they come in the way that the vendor usually takes. */
  readonly asksBase64: boolean;
  readonly dimensionsField: "dimensions" | "output_dimension";
  /** Models whose vectors come as base64 of a signed byte for each dimension. */
  readonly int8Models?: RegExp | undefined;
}

export interface FamilyMember {
  /** The provider's kind; also the vendor in opaque parts and the key of its provider options. */
  readonly kind: string;
  /** For messages. */
  readonly name: string;

  // Where and how it is asked.
  /** Between the base URL, as the vendor's own SDK takes it, and the call's path; not added twice. */
  readonly basePath: string;
  /** Absent: the base path and the usual path of the call. */
  readonly addressOf?: ((query: AddressQuery) => Address) | undefined;
  /** What is otherwise at one of its places; absent: nothing is. */
  readonly adaptionTo?: ((place: Place) => Adaption) | undefined;
  readonly authOf: Authorize;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the vendor tells its id of the request; the first one present is taken. */
  readonly requestIdHeaders: readonly string[];

  // What it takes.
  /** Absent: all of its models take the same, as far as is known. */
  readonly traitsOf?: TraitsOf | undefined;
  readonly maxTokensField: "max_completion_tokens" | "max_tokens";
  /** Absent: no limit known. */
  readonly maxStopSequences?: number | undefined;
  /** Undefined: it takes no seed. */
  readonly seedField: "seed" | "random_seed" | undefined;
  readonly takesTopK: boolean;
  readonly takesParallelToolCalls: boolean;
  /** Names of speakers on messages. */
  readonly takesNames: boolean;
  /** Whether a cache hint is sent as `cache_control`; elsewhere the vendor caches by itself. */
  readonly takesCacheControl: boolean;
  /** As `file` with data alone, with an address too, or as `document_url`. */
  readonly takesFiles: "no" | "data" | "data and urls" | "documents";
  /** Whether usage has to be asked for in a stream. */
  readonly takesStreamOptions: boolean;
  /** The word for a choice of tools that asks for any of them. */
  readonly toolRequired: "required" | "any";
  /** Where the vendor holds no answer to a schema, it is sent as an instruction, and JSON asked for. */
  readonly schemaAs: "response_format" | "instruction";
  /** Which ids of tool calls it takes; absent: any. */
  readonly toolCallIds?: "nine letters or digits" | undefined;
  /**
   * How a last message of the assistant's is marked, so that the answer goes on with it: on the message, or beside
   * the messages; absent: there is no mark.
   */
  readonly prefillMark?: "prefix" | "continue_final_message" | undefined;
  /** Whether an answer that was begun is told with its beginning. */
  readonly echoesPrefill?: boolean | undefined;
  readonly reasoningWishes: ReasoningWishes;
  readonly reasoningBack: ReasoningBack;
  /** Whether a message of the assistant's has to hold `reasoning_content` even where there is none. */
  readonly wantsReasoning?: boolean | undefined;
  /** Where the proof of a tool call goes: beside it, or among the details; absent: it is not taken. */
  readonly toolProofAs?: "extra_content" | "details" | undefined;
  /** Whose proofs this model takes: its maker's. Undefined: none. */
  readonly proverOf?: ((model: string) => string | undefined) | undefined;

  // What it has beside chats.
  /** Absent: it has no embeddings. */
  readonly embeddings?: EmbeddingWays | undefined;
  /** Whether its list names what can be asked for. */
  readonly listsModels: boolean;

  // How it answers.
  /** What makes a stream whole: its last event alone, or a finish reason too. */
  readonly streamEnd: "[DONE]" | "finish reason";
  /** Whether reasoning is counted in `completion_tokens`; `total_tokens` tells it more surely. */
  readonly reasoningCounted: "inside" | "beside";
  /** A member of a chunk that holds a second `usage`, which the chunk's own wins over, and an `error`. */
  readonly besides?: string | undefined;
  /** Members of a delta that describe it and are no content. */
  readonly deltaNotes: ReadonlySet<string>;
  /** Error codes that mean something else than their status. */
  readonly errorCodes: Readonly<Record<string, FailureClass>>;
}

export type Adaption = Partial<Pick<FamilyMember, "maxTokensField" | "takesStreamOptions">>;
