// The events of a streamed chat. A whole stream ends with exactly one `finished`; a failed one throws.

import type { JsonValue } from "../json.ts";
import type { Loss, ReplyMeta } from "../reply.ts";
import type { MediaSource } from "./request.ts";
import type { Usage } from "./usage.ts";

/** What a part is. Tool calls, citations, images and opaque parts say at once what they hold. */
export type PartStart =
  | { readonly kind: "text" }
  | { readonly kind: "reasoning" }
  | { readonly kind: "refusal" }
  | { readonly kind: "tool_call"; readonly id: string; readonly name: string }
  | { readonly kind: "citation"; readonly citation: Citation }
  | { readonly kind: "image"; readonly source: MediaSource }
  | OpaqueStart;

/** Something of a vendor's that has no place in the model: handed on as it came, never dropped. */
export interface OpaqueStart {
  readonly kind: "opaque";
  readonly vendor: string;
  readonly type: string;
  readonly json: JsonValue;
}

/** Where a statement comes from; `raw` is the vendor's own form. */
export interface Citation {
  readonly url?: string | undefined;
  readonly title?: string | undefined;
  readonly citedText?: string | undefined;
  readonly raw: JsonValue;
}

export type PartKind = PartStart["kind"];

export interface PartStarted {
  readonly type: "part_started";
  readonly index: number;
  readonly part: PartStart;
}

/** More of a part: text, reasoning, a refusal, or a tool call's arguments as JSON text. */
export interface PartDelta {
  readonly type: "part_delta";
  readonly index: number;
  readonly text: string;
  /** The vendor's log probabilities of these tokens, as it sent them. */
  readonly logprobs?: JsonValue | undefined;
}

export interface PartFinished {
  readonly type: "part_finished";
  readonly index: number;
  /** The vendor's proof that reasoning or a tool call is its model's own. */
  readonly signature?: string | undefined;
  readonly redactedData?: string | undefined;
  /** Whose proof it is, as `anthropic`; that of the model's maker where another party serves the model. */
  readonly vendor?: string | undefined;
}

export interface UsageTold {
  readonly type: "usage";
  readonly usage: Usage;
}

export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter" | "refusal";

export interface Started {
  readonly type: "started";
  /** Our id of the call. */
  readonly id: string;
  readonly provider: string;
  /** The vendor's version string where it tells one, else the model asked for. */
  readonly model: string;
  readonly createdAtMs: number;
  readonly meta: ReplyMeta;
}

export interface Finished {
  readonly type: "finished";
  readonly reason: FinishReason;
  /** The vendor's own word. */
  readonly rawReason?: string | undefined;
  readonly stopSequence?: string | undefined;
  readonly meta: ReplyMeta;
}

/** What becomes of the answer so far: it is void, or goes on. */
export type SeamPolicy = "restart" | "continue";

/**
 * Where a stream that broke went over to another target. After `restart` all earlier parts are void and indices
 * begin at 0 again; after `continue` the open part goes on under its index.
 */
export interface Seam {
  readonly type: "seam";
  readonly provider: string;
  readonly model: string;
  readonly policy: SeamPolicy;
  /** What had to be dropped or changed of the request for this provider. */
  readonly losses: readonly Loss[];
}

export type ChatEvent = Started | Seam | PartStarted | PartDelta | PartFinished | UsageTold | Finished;

/** A provider's `started`: what the vendor tells first. */
export interface ProviderStarted {
  readonly type: "started";
  /** The vendor's version string of the model that answers. */
  readonly model?: string | undefined;
  /** What the vendor counts at the start already, so that a stream that is cut later is not free. */
  readonly usage?: Usage | undefined;
}

export type ProviderFinished = Omit<Finished, "meta">;

/**
 * What an adapter yields, in this order: `started`, parts (each started, its deltas, finished; several may
 * be open), at most one `usage`, `finished`. It throws a ProviderError where the vendor's reply breaks.
 */
export type ProviderChatEvent =
  | ProviderStarted
  | PartStarted
  | PartDelta
  | PartFinished
  | UsageTold
  | ProviderFinished;
