// What an adapter gives, checked once for all of them: a vector too few would stand for another text.

import { ProviderError } from "../provider-error.ts";
import type { ProviderEmbedded } from "./events.ts";

/** The same events. @throws ProviderError `broken_reply` for vectors that cannot be those of the inputs */
export async function* checkedVectors(
  events: AsyncIterable<ProviderEmbedded>,
  inputs: number,
): AsyncGenerator<ProviderEmbedded, void, undefined> {
  for await (const event of events) {
    const fault = vectorsFault(event.vectors, inputs);
    if (fault !== undefined) {
      throw new ProviderError({ failure: "broken_reply", message: fault, ownWords: true });
    }
    yield event;
  }
}

/** Why these cannot be the vectors of so many inputs, in one sentence. */
export function vectorsFault(vectors: readonly Float32Array[], inputs: number): string | undefined {
  if (vectors.length !== inputs) return `The provider gave ${vectors.length} vectors for ${inputs} inputs.`;
  const length = vectors[0]?.length ?? 0;
  if (length === 0) return "The provider gave an empty vector.";
  if (vectors.some((vector) => vector.length !== length))
    return "The provider gave vectors of several lengths.";
  return vectors.every(isFiniteVector)
    ? undefined
    : "The provider gave a vector with what is no finite number.";
}

function isFiniteVector(vector: Float32Array): boolean {
  for (const component of vector) if (!Number.isFinite(component)) return false;
  return true;
}
