// A provider in memory that answers each call in the next turn of the event loop, as an answer from a socket comes.

import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import { EventsAtOnce } from "../../../src/core/events-at-once.ts";
import type { Provider, ProviderReply } from "../../../src/core/provider.ts";

const text = "The sea is deep where plates meet, and shallow where rivers end.";

const answer = (): readonly ProviderChatEvent[] => [
  { type: "started", model: "in-memory-1" },
  { type: "part_started", index: 0, part: { kind: "text" } },
  { type: "part_delta", index: 0, text },
  { type: "part_finished", index: 0 },
  {
    type: "usage",
    usage: { input: { total: 20, uncached: 20 }, output: { total: 14, text: 14 }, source: "reported" },
  },
  { type: "finished", reason: "stop", rawReason: "stop" },
];

export function createAnsweringAdapter(): Provider {
  let waiting: (() => void)[] = [];
  const answerAll = (): void => {
    const due = waiting;
    waiting = [];
    for (const resolve of due) resolve();
  };
  const nextTurn = (): Promise<void> =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(answerAll);
    });
  return {
    async chat(): Promise<ProviderReply<ProviderChatEvent>> {
      await nextTurn();
      const events = new EventsAtOnce(() => Promise.resolve(answer()));
      return { losses: [], httpStatus: 200, upstreamRequestId: "in-memory", events };
    },
  };
}
