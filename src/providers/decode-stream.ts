// From a vendor's frames to the core's events: the one async step between the socket and the core.

import type { ProviderChatEvent, UsageTold } from "../core/chat/events.ts";
import { ProviderError } from "../core/provider-error.ts";

/** What an adapter knows of its vendor's stream: pure, it holds the state of one stream. */
export interface StreamDecoder<F> {
  /** @throws ProviderError for an error event of the vendor's, or a frame that is not of its format */
  decode(frame: F): readonly ProviderChatEvent[];
  /** True when the terminal event has been read: what follows is of no interest. */
  isComplete(): boolean;
  /** What the vendor has counted, if that has not been told by a `usage` event yet. */
  untoldUsage(): UsageTold | undefined;
}

/** Throws `broken_reply` for a stream without its terminal event, after the usage where that is known. */
export async function* decodeStream<F>(
  batches: AsyncIterable<readonly F[]>,
  decoder: StreamDecoder<F>,
): AsyncGenerator<ProviderChatEvent, void, undefined> {
  try {
    for await (const frames of batches) {
      for (const frame of frames) {
        for (const event of decoder.decode(frame)) yield event;
        if (decoder.isComplete()) return;
      }
    }
    throw new ProviderError({
      failure: "broken_reply",
      message: "The provider's stream ended before its terminal event.",
    });
  } catch (error) {
    const usage = decoder.untoldUsage();
    if (usage !== undefined) yield usage;
    throw error;
  }
}
