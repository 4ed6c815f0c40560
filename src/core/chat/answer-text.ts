// What an answer says, in one text: to be compared with another answer, and shown to nobody.

import type { ProviderChatEvent } from "./events.ts";

/** Without reasoning, which differs where the answer does not. */
export function answerText(events: readonly ProviderChatEvent[]): string {
  const texts: string[] = [];
  const unsaid = new Set<number>();
  for (const event of events) {
    if (event.type === "part_delta" && !unsaid.has(event.index)) texts.push(event.text);
    if (event.type !== "part_started") continue;
    const { part, index } = event;
    if (part.kind === "reasoning") unsaid.add(index);
    if (texts.length > 0) texts.push("\n");
    if (part.kind === "tool_call") texts.push(part.name, " ");
  }
  return texts.join("");
}
