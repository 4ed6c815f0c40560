// A provider whose adapter does not heed its signal: it answers when the test says so, or never.

import type { ProviderChatEvent } from "../../src/core/chat/events.ts";
import type { AttemptContext, Provider, ProviderReply } from "../../src/core/provider.ts";

export interface DeafProvider extends Provider {
  readonly contexts: AttemptContext[];
  /** How often an answer's `return` was called. */
  left: number;
  /** Gives the answer that is waited for. */
  answer(): void;
}

/** The events come at once when it has answered; after them it is silent for ever. */
export function createDeafProvider(...events: readonly ProviderChatEvent[]): DeafProvider {
  const answered = Promise.withResolvers<void>();
  const provider: DeafProvider = {
    contexts: [],
    left: 0,
    answer: () => answered.resolve(),
    async chat(_, context): Promise<ProviderReply<ProviderChatEvent>> {
      provider.contexts.push(context);
      await answered.promise;
      let next = 0;
      return {
        losses: [{ field: "sampling.seed", detail: "A deaf one has no such setting." }],
        events: {
          [Symbol.asyncIterator]: () => ({
            next() {
              const value = events[next];
              next += 1;
              return value === undefined
                ? Promise.withResolvers<never>().promise
                : Promise.resolve({ done: false, value });
            },
            return() {
              provider.left += 1;
              return Promise.reject(new Error("It is not closed that easily."));
            },
          }),
        },
      };
    },
  };
  return provider;
}
