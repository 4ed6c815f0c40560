// The vendors that speak Chat Completions, each with what it does otherwise.
// Sources: platform.openai.com/docs/api-reference/chat, console.groq.com/docs/api-reference and /docs/errors,
// openrouter.ai/docs/api-reference/overview, /docs/use-cases/reasoning-tokens, /docs/features/prompt-caching

import type { FailureClass } from "../../core/provider-error.ts";

export interface FamilyMember {
  /** The provider's kind; also the vendor in opaque parts and the key of its provider options. */
  readonly kind: string;
  /** For messages. */
  readonly name: string;
  /** Between the base URL, as the vendor's own SDK takes it, and `/chat/completions`. */
  readonly basePath: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the vendor tells its id of the request; the first one present is taken. */
  readonly requestIdHeaders: readonly string[];
  readonly maxTokensField: "max_completion_tokens" | "max_tokens";
  /** Absent: no limit known. */
  readonly maxStopSequences?: number | undefined;
  readonly takesTopK: boolean;
  /** Whether a cache hint is sent as `cache_control`; elsewhere the vendor caches by itself. */
  readonly takesCacheControl: boolean;
  readonly takesFiles: "no" | "data" | "data and urls";
  /** `reasoning_effort`, or an object `reasoning` with an effort or a budget. */
  readonly reasoningWish: "effort" | "object";
  /** How reasoning of earlier turns is given back: not at all, as `reasoning`, or as `reasoning_details`. */
  readonly reasoningBack: "no" | "text" | "details";
  /** Where usage is told beside the chunk's own `usage`, which wins. */
  readonly usageBeside?: readonly [string, string] | undefined;
  /** Members of a delta that describe it and are no content. */
  readonly deltaNotes: ReadonlySet<string>;
  /** Error codes that mean something else than their status. */
  readonly errorCodes: Readonly<Record<string, FailureClass>>;
}

export const openAiMember: FamilyMember = {
  kind: "openai",
  name: "OpenAI",
  basePath: "",
  headers: {},
  requestIdHeaders: ["x-request-id"],
  maxTokensField: "max_completion_tokens",
  maxStopSequences: 4,
  takesTopK: false,
  takesCacheControl: false,
  takesFiles: "data",
  reasoningWish: "effort",
  reasoningBack: "no",
  deltaNotes: new Set(),
  errorCodes: {},
};

export const groqMember: FamilyMember = {
  kind: "groq",
  name: "Groq",
  basePath: "/openai/v1",
  headers: {},
  requestIdHeaders: ["x-request-id"],
  maxTokensField: "max_completion_tokens",
  maxStopSequences: 4,
  takesTopK: false,
  takesCacheControl: false,
  takesFiles: "no",
  reasoningWish: "effort",
  reasoningBack: "text",
  usageBeside: ["x_groq", "usage"],
  deltaNotes: new Set(["channel"]),
  // The model wrote a tool call or JSON that does not hold to the schema: asking again helps.
  errorCodes: { tool_use_failed: "broken_reply", json_validate_failed: "broken_reply" },
};

export const openRouterMember: FamilyMember = {
  kind: "openrouter",
  name: "OpenRouter",
  basePath: "",
  headers: { "x-title": "Sluice" },
  requestIdHeaders: ["x-generation-id", "x-request-id"],
  maxTokensField: "max_tokens",
  takesTopK: true,
  takesCacheControl: true,
  takesFiles: "data and urls",
  reasoningWish: "object",
  reasoningBack: "details",
  deltaNotes: new Set(),
  errorCodes: {},
};
