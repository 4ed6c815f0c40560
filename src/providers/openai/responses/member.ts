// What a vendor of the Responses API does otherwise than OpenAI. A member is a row of these; no code asks for a
// member's name.

import type { FailureClass } from "../../../core/provider-error.ts";
import type { Authorize } from "../credential.ts";
import type { TraitsOf } from "../model-traits.ts";

export interface ResponsesMember {
  /** The provider's kind; also the vendor in opaque parts and the key of its provider options. */
  readonly kind: string;
  /** For messages. */
  readonly name: string;

  // Where and how it is asked.
  /** Between the base URL, as the vendor's own SDK takes it, and `/responses`; not added twice. */
  readonly basePath: string;
  readonly authOf: Authorize;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the vendor tells its id of the request; the first one present is taken. */
  readonly requestIdHeaders: readonly string[];

  // What it takes.
  /** Absent: all of its models take the same, as far as is known. */
  readonly traitsOf?: TraitsOf | undefined;
  /** Absent: it keeps nothing, and has no word for it. */
  readonly storage?: Storage | undefined;
  readonly takesFiles: boolean;
  readonly takesParallelToolCalls: boolean;
  /** Members for `sampling.topK`, `frequencyPenalty` and `presencePenalty`. */
  readonly takesMoreSampling: boolean;
  readonly takesReasoningSummary: boolean;
  /** `reasoning.max_tokens`, instead of an effort. */
  readonly takesReasoningBudget: boolean;
  /** Absent: no least. */
  readonly leastOutputTokens?: number | undefined;
  /** How log probabilities are asked for: by `include`, or by the member `logprobs`; absent: not at all. */
  readonly logprobsBy?: "include" | "member" | undefined;
  /** Whether prompts are cached without marks, so that a cache hint loses nothing. */
  readonly cachesBySelf: boolean;
  /** How reasoning is given back: encrypted with its id, with its format's name too, or as plain text. */
  readonly reasoningBack: "encrypted" | "encrypted with format" | "text";

  /** Whose proofs this model gives and takes: its maker's. */
  readonly makerOf: (model: string) => string;
  /** Error codes that mean something else than their status. */
  readonly errorCodes: Readonly<Record<string, FailureClass>>;
}

interface Storage {
  /** Whether a model gives its reasoning encrypted, so that nothing has to be stored: others refuse the wish. */
  readonly encryptsReasoning: (model: string) => boolean;
}
