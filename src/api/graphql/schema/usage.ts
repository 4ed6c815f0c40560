// Tokens used. Null is unknown, which is not zero.

import type { Usage, UsageSource } from "../../../core/chat/usage.ts";
import { builder } from "../builder.ts";

export const UsageSourceEnum = builder.enumType("UsageSource", {
  description: "Where token counts come from.",
  values: {
    REPORTED: { value: "reported", description: "Told by the vendor." },
    COUNTED: { value: "counted", description: "Counted by a tokenizer." },
    ESTIMATED: { value: "estimated", description: "Estimated from lengths." },
  } satisfies Record<Uppercase<UsageSource>, { value: UsageSource; description: string }>,
});

export const InputTokens = builder.objectRef<Usage["input"]>("InputTokens").implement({
  description: "Tokens read: total = uncached + cacheRead + cacheWrite.",
  fields: (t) => ({
    total: t.expose("total", { type: "Long", nullable: true }),
    uncached: t.expose("uncached", {
      type: "Long",
      nullable: true,
      description: "Those not touched by the provider's prompt cache.",
    }),
    cacheRead: t.expose("cacheRead", { type: "Long", nullable: true, description: "Those read from it." }),
    cacheWrite: t.expose("cacheWrite", {
      type: "Long",
      nullable: true,
      description: "Those written to it.",
    }),
    audio: t.expose("audio", {
      type: "Long",
      nullable: true,
      description: "Those of sound, among the total.",
    }),
  }),
});

export const OutputTokens = builder.objectRef<Usage["output"]>("OutputTokens").implement({
  description: "Tokens written: total = text + reasoning.",
  fields: (t) => ({
    total: t.expose("total", { type: "Long", nullable: true }),
    text: t.expose("text", { type: "Long", nullable: true, description: "Those of the answer." }),
    reasoning: t.expose("reasoning", { type: "Long", nullable: true, description: "Those of reasoning." }),
    audio: t.expose("audio", {
      type: "Long",
      nullable: true,
      description: "Those of sound, among the total.",
    }),
  }),
});

/** The event `Usage` has the same fields beside its sequence. */
export const TokenUsage = builder.objectRef<Usage>("TokenUsage").implement({
  description: "Tokens used by a call or an attempt.",
  fields: (t) => ({
    input: t.expose("input", { type: InputTokens }),
    output: t.expose("output", { type: OutputTokens }),
    source: t.expose("source", { type: UsageSourceEnum }),
  }),
});
