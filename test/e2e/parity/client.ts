// What every client of the suite gives: a call in the core's words in, what its caller saw out.

import type { ChatRequest } from "../../../src/core/chat/request.ts";
import type { Usage } from "../../../src/core/chat/usage.ts";
import type { EmbedRequest } from "../../../src/core/embed/request.ts";
import type { FailedAttempt } from "../../../src/core/errors.ts";
import type { Loss, ReplyMeta } from "../../../src/core/reply.ts";

export interface CallWords {
  /** A gateway's key, sent as a bearer token. */
  readonly credential?: string;
  /** Sent as `x-request-id`. */
  readonly correlationId?: string;
  readonly timeoutMs?: number;
  /** Aborted: the client leaves. */
  readonly signal?: AbortSignal;
  /** Hears of each piece of content of a stream, as soon as the client has it. */
  readonly onContent?: () => void;
}

export interface ToolCallSeen {
  readonly id: string;
  readonly name: string;
  readonly argumentsJson: string;
}

/** What a vendor gave with a part to be given back with it. */
export interface ProofSeen {
  readonly of: "reasoning" | "tool_call";
  readonly signature?: string | undefined;
  readonly redactedData?: string | undefined;
  readonly vendor?: string | undefined;
}

/** Where a stream went over to another target. */
export interface SeamSeen {
  readonly provider: string;
  readonly model: string;
  readonly policy: "restart" | "continue";
  readonly losses: readonly Loss[];
}

export interface ErrorSeen {
  readonly code: string;
  readonly message: string;
  readonly field?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly attempts: readonly FailedAttempt[];
  readonly requestId?: string | undefined;
  /** The status that the wire tells, in the transport's own terms. */
  readonly http?: number | undefined;
  readonly grpc?: string | undefined;
}

/** What a caller saw of a call. Absent: the face has no place for it, or the call did not come so far. */
export interface Outcome {
  readonly text: string;
  readonly reasoning: string;
  readonly proofs?: readonly ProofSeen[] | undefined;
  readonly refusal: string;
  readonly toolCalls: readonly ToolCallSeen[];
  readonly finishReason?: string | undefined;
  readonly rawReason?: string | undefined;
  readonly stopSequence?: string | undefined;
  readonly usage?: Usage | undefined;
  /** What a stream's first event told. */
  readonly started?: StartedSeen | undefined;
  readonly seams?: readonly SeamSeen[] | undefined;
  readonly meta?: ReplyMeta | undefined;
  /** A stream's events in order, each as `sequence type`. */
  readonly events?: readonly string[] | undefined;
  readonly error?: ErrorSeen | undefined;
}

/** What a caller saw of a call for embeddings. */
export interface EmbedOutcome {
  readonly vectors: readonly (readonly number[])[];
  /** Who answered which call. */
  readonly answered?:
    | { readonly id?: string | undefined; readonly provider?: string | undefined; readonly model: string }
    | undefined;
  readonly usage?: Usage | undefined;
  readonly meta?: ReplyMeta | undefined;
  readonly error?: ErrorSeen | undefined;
}

export interface StartedSeen {
  readonly id: string;
  readonly provider: string;
  readonly model: string;
  readonly meta: ReplyMeta;
}

export type Delivery = "chat" | "stream";

export type ClientName =
  | "library"
  | "gRPC"
  | "Connect"
  | "Connect JSON"
  | "gRPC-Web"
  | "GraphQL"
  | "graphql-ws"
  | "OpenAI"
  | "openai npm";

export interface FrontEndClient {
  readonly name: ClientName;
  /** What went wrong is in the outcome; all reject only when the client itself left, or met what is no answer. */
  readonly chat: (request: ChatRequest, words?: CallWords) => Promise<Outcome>;
  readonly stream: (request: ChatRequest, words?: CallWords) => Promise<Outcome>;
  readonly embed: (request: EmbedRequest, words?: CallWords) => Promise<EmbedOutcome>;
  readonly close: () => void;
}
