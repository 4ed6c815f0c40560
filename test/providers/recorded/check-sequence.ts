// The rules that the events of every adapter keep, whatever they tell.

import type { PartKind, ProviderChatEvent } from "../../../src/core/chat/events.ts";
import type { Run } from "./run.ts";

const cameWhole: ReadonlySet<PartKind> = new Set(["citation", "image", "opaque"]);

/** The first rule that is broken, in one sentence; undefined when all hold. */
export function brokenRule({ events, failure }: Run): string | undefined {
  const parts = new Map<number, { readonly kind: PartKind; open: boolean }>();
  let usages = 0;
  for (const [i, event] of events.entries()) {
    const broken = breaks(event);
    if (broken !== undefined) return `event ${i} (${event.type}): ${broken}`;
    if ((event.type === "started") !== (i === 0)) return `event ${i} (${event.type}): started is the first`;
    const last = i === events.length - 1;
    if (event.type === "finished" && !last) return "something follows finished";
    if (event.type === "usage" && events[i + 1]?.type !== "finished" && !(last && failure !== undefined)) {
      return "usage stands neither right before finished nor last before an error";
    }
  }
  const finished = events.at(-1)?.type === "finished";
  if (finished === (failure !== undefined)) return "a run ends either with finished or with an error";
  const open = [...parts].filter(([, part]) => part.open).map(([index]) => index);
  return finished && open.length > 0 ? `parts ${open.join(", ")} are still open at the end` : undefined;

  function breaks(event: ProviderChatEvent): string | undefined {
    if (event.type === "part_started") {
      if (event.index !== parts.size) return `index ${event.index} where ${parts.size} is next`;
      parts.set(event.index, { kind: event.part.kind, open: true });
    } else if (event.type === "part_delta" || event.type === "part_finished") {
      const part = parts.get(event.index);
      if (part?.open !== true) return `part ${event.index} is not open`;
      if (event.type === "part_finished") part.open = false;
      else if (cameWhole.has(part.kind)) return `a part of kind ${part.kind} comes whole`;
    } else if (event.type === "usage") {
      usages += 1;
      if (usages > 1) return "a second usage";
    }
    return undefined;
  }
}
