import type { ProviderChatEvent } from "./events.ts";

/** A text as a model would have answered it; without usage, as nothing was used. */
export const fixedChatAnswer = (text: string): readonly ProviderChatEvent[] => [
  { type: "started" },
  { type: "part_started", index: 0, part: { kind: "text" } },
  { type: "part_delta", index: 0, text },
  { type: "part_finished", index: 0 },
  { type: "finished", reason: "stop" },
];
