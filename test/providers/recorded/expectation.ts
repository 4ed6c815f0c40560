// What a recorded answer must give, in words that hold for every vendor.

import type { FinishReason } from "../../../src/core/chat/events.ts";
import type { FailureClass } from "../../../src/core/provider-error.ts";

export interface ExpectedTool {
  /** Undefined: the vendor gave none. */
  readonly id: string | undefined;
  readonly name: string;
  /** Parsed; `{unparsed}` where the text is no JSON. */
  readonly input: unknown;
}

/** Members that are undefined are not compared. */
export interface ExpectedCitation {
  readonly url: string | undefined;
  readonly title: string | undefined;
  readonly citedText: string | undefined;
  readonly raw: unknown;
}

export interface ExpectedContent {
  /** All parts of the kind, joined. */
  readonly text: string;
  readonly reasoning: string;
  readonly refusal: string;
  readonly tools: readonly ExpectedTool[];
  readonly citations: readonly ExpectedCitation[];
  readonly images: number;
  /** Undefined: not compared, see `kept`. */
  readonly opaques: readonly { readonly type: string; readonly json: unknown }[] | undefined;
  readonly signatures: readonly string[] | undefined;
  readonly redacted: readonly string[] | undefined;
  /**
   * Kinds of the parts that hold something, in their order, neighbours of text or reasoning merged, without
   * citations. Undefined: the vendor's format tells no order.
   */
  readonly order: readonly string[] | undefined;
  /** Strings that must stand in a signature, in redacted reasoning, a refusal or an opaque part. */
  readonly kept: readonly string[];
  /** What stands beside the parts: an opaque part that holds one of them is counted in no other place. */
  readonly beside: readonly unknown[];
}

/** Tokens as our rules count them: `inputTotal` includes what was read from and written to a cache. */
export interface ExpectedUsage {
  readonly inputTotal: number | undefined;
  readonly cacheRead: number | undefined;
  readonly cacheWrite: number | undefined;
  readonly outputTotal: number | undefined;
  readonly reasoning: number | undefined;
  /** Sound, of each side's total; absent where the vendor never tells it. */
  readonly inputAudio?: number | undefined;
  readonly outputAudio?: number | undefined;
}

export interface ExpectedFinish {
  readonly reason: FinishReason;
  /** Undefined: the vendor told none. */
  readonly rawReason: string | undefined;
  readonly stopSequence: string | undefined;
}

/** Members that are undefined are not compared. */
export interface ExpectedFailure {
  /** More than one where status and text of a vendor disagree, and the action is the same. */
  readonly classes: readonly FailureClass[];
  readonly httpStatus?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly requestId?: string | undefined;
}

export interface Expectation {
  readonly content: ExpectedContent;
  /** The vendor's name of the model that answered. */
  readonly model: string | undefined;
  readonly usage: ExpectedUsage | undefined;
  /** Exactly one of these two. */
  readonly finish: ExpectedFinish | undefined;
  readonly failure: ExpectedFailure | undefined;
}

export const nothing: ExpectedContent = {
  text: "",
  reasoning: "",
  refusal: "",
  tools: [],
  citations: [],
  images: 0,
  opaques: undefined,
  signatures: undefined,
  redacted: undefined,
  order: undefined,
  kept: [],
  beside: [],
};

/** What a recorded answer with embeddings must give. */
export interface ExpectedEmbedding {
  readonly model: string | undefined;
  readonly vectors: readonly (readonly number[])[];
  readonly inputTokens: number | undefined;
}
