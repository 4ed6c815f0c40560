// Answers whose reasoning has proofs, as a provider's adapter would yield them.

import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { Script } from "../../support/scripted-provider.ts";

export interface ProvenPart {
  readonly text: string;
  readonly signature?: string;
  readonly redactedData?: string;
  readonly vendor?: string;
}

/** The reasoning, in small pieces, and then a word of text. */
export function provenScript(parts: readonly ProvenPart[]): Script {
  const reasoning = parts.flatMap(({ text, ...proof }, index): ProviderChatEvent[] => [
    { type: "part_started", index, part: { kind: "reasoning" } },
    ...Array.from(text, (char): ProviderChatEvent => ({ type: "part_delta", index, text: char })),
    { type: "part_finished", index, ...proof },
  ]);
  const index = parts.length;
  return {
    steps: [
      { type: "started", model: "acme-1" },
      ...reasoning,
      { type: "part_started", index, part: { kind: "text" } },
      { type: "part_delta", index, text: "So." },
      { type: "part_finished", index },
      { type: "finished", reason: "stop" },
    ],
  };
}
