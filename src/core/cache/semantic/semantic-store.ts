// The questions whose answers are kept, found by their text and by their vectors.

import type { VectorPlace } from "./vector-index.ts";

export interface SemanticEntry {
  readonly place: VectorPlace;
  /** As it was asked. */
  readonly question: string;
  readonly vector: Float32Array;
  /** Under which the answer cache has the answer; begins with the tenant's slug and a slash. One entry each. */
  readonly answerKey: string;
  /** On the wall clock. */
  readonly storedAtMs: number;
  readonly expiresAtMs: number;
}

export interface SemanticCandidate {
  readonly question: string;
  readonly answerKey: string;
  readonly similarity: number;
  readonly storedAtMs: number;
}

/**
 * Looking takes no time but the processor's: every node has what there is in its memory. What cannot be kept is left
 * out. Nothing rejects or throws.
 */
export interface SemanticStore {
  /** The latest whose question has this normalised text. */
  sameText(place: VectorPlace, normalised: string): SemanticCandidate | undefined;
  /** The nearest first. */
  nearest(
    place: VectorPlace,
    vector: ArrayLike<number>,
    wanted: { readonly count: number; readonly atLeast: number },
  ): readonly SemanticCandidate[];
  /** In place of one with its answer's key. */
  add(entry: SemanticEntry): void;
  /** It was served: it goes later than others. */
  touch(answerKey: string): void;
  /** From this node's memory; its answer is gone. */
  remove(answerKey: string): void;
  /** What stands in its way, each a sentence for operators. */
  problems(): readonly string[];
  close(): Promise<void>;
}
