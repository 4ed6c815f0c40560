// One run of an adapter over a recorded answer: its events up to the end or to its error.

import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";

export interface Run {
  readonly events: readonly ProviderChatEvent[];
  /** Undefined: it came to its end. */
  readonly failure: ProviderError | undefined;
}

/** @throws whatever is thrown that is no ProviderError */
export async function runOf(produce: () => Promise<AsyncIterable<ProviderChatEvent>>): Promise<Run> {
  const events: ProviderChatEvent[] = [];
  try {
    for await (const event of await produce()) events.push(event);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { events, failure: error };
  }
  return { events, failure: undefined };
}

/** The same for an answer that is read in one go. */
export function runOfWhole(read: () => readonly ProviderChatEvent[]): Run {
  try {
    return { events: read(), failure: undefined };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { events: [], failure: error };
  }
}
