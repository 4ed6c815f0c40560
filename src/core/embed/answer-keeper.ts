// Keeps the one event of a reply with embeddings so that it can be given to other calls.

import type { AnswerKeeper, KeptEvents } from "../operation.ts";
import type { ProviderEmbedded } from "./events.ts";
import type { EmbedShape } from "./shape.ts";

const bytesAnEvent = 400;
/** An array of numbers and the buffer that it has for itself. */
const bytesAVector = 250;

/** About what an event takes in memory. */
export const embeddedMemory = ({ vectors }: ProviderEmbedded): number =>
  vectors.reduce((sum, { byteLength }) => sum + bytesAVector + byteLength, bytesAnEvent);

export function createEmbedKeeper(maxBytes: number): AnswerKeeper<EmbedShape> {
  let kept: KeptEvents<ProviderEmbedded> | undefined;
  return {
    add(event) {
      const { model, vectors, usage } = event;
      const bytes = embeddedMemory(event);
      if (bytes > maxBytes) return;
      // Copied: the caller may change its own, and some are a piece of a larger buffer.
      const own = vectors.map((vector) => vector.slice());
      kept = { events: [{ type: "embedded", model, vectors: own, usage }], bytes };
    },
    kept: () => kept,
  };
}
