// Questions whose answers are kept, in this process's memory.

import { normalisedQuestion } from "../../core/cache/semantic/normalised-question.ts";
import type {
  SemanticCandidate,
  SemanticEntry,
  SemanticStore,
} from "../../core/cache/semantic/semantic-store.ts";
import {
  createVectorIndex,
  type VectorIndex,
  type VectorPlace,
} from "../../core/cache/semantic/vector-index.ts";
import type { Clock } from "../../core/clock.ts";

export interface MemorySemanticsOptions {
  readonly clock: Clock;
  readonly maxEntries?: number | undefined;
  /** Of vectors. */
  readonly maxBytes?: number | undefined;
}

export interface MemorySemantics extends SemanticStore {
  readonly size: number;
}

const standardEntries = 10_000;
const standardBytes = 64 * 2 ** 20;
/** While all is full, a tenant that has more than this gives way. */
const tenantShare = 0.25;

interface Kept {
  readonly entry: Omit<SemanticEntry, "vector">;
  readonly textKey: string;
}

export const createMemorySemantics = (options: MemorySemanticsOptions): MemorySemantics =>
  new InMemory(options);

class InMemory implements MemorySemantics {
  readonly #clock: Clock;
  readonly #index: VectorIndex;
  readonly #kept = new Map<string, Kept>();
  /** The keys of answers by place and normalised text. */
  readonly #byText = new Map<string, string>();

  constructor({ clock, maxEntries = standardEntries, maxBytes = standardBytes }: MemorySemanticsOptions) {
    this.#clock = clock;
    this.#index = createVectorIndex({ clock, maxEntries, maxBytes, tenantShare });
  }

  get size(): number {
    return this.#kept.size;
  }

  sameText(place: VectorPlace, normalised: string): SemanticCandidate | undefined {
    const answerKey = this.#byText.get(textKeyOf(place, normalised));
    const entry = answerKey === undefined ? undefined : this.#kept.get(answerKey)?.entry;
    if (entry === undefined || entry.expiresAtMs <= this.#clock.epochMs()) return undefined;
    return candidateOf(entry, 1);
  }

  nearest(
    place: VectorPlace,
    vector: ArrayLike<number>,
    wanted: { readonly count: number; readonly atLeast: number },
  ): readonly SemanticCandidate[] {
    return this.#index.nearest(place, vector, wanted).flatMap(({ id, similarity }) => {
      const kept = this.#kept.get(id);
      return kept === undefined ? [] : [candidateOf(kept.entry, similarity)];
    });
  }

  add({ vector, ...entry }: SemanticEntry): void {
    const { place, answerKey, expiresAtMs, question } = entry;
    const gone = this.#index.add({ place, id: answerKey, vector, expiresAtMs });
    if (gone === undefined) return;
    this.#forget(answerKey);
    for (const key of gone) this.#forget(key);
    const textKey = textKeyOf(place, normalisedQuestion(question));
    this.#kept.set(answerKey, { entry, textKey });
    this.#byText.set(textKey, answerKey);
  }

  touch(answerKey: string): void {
    this.#index.touch(answerKey);
  }

  remove(answerKey: string): void {
    this.#index.remove(answerKey);
    this.#forget(answerKey);
  }

  problems(): readonly string[] {
    return [];
  }

  async close(): Promise<void> {}

  #forget(answerKey: string): void {
    const kept = this.#kept.get(answerKey);
    if (kept === undefined) return;
    this.#kept.delete(answerKey);
    if (this.#byText.get(kept.textKey) === answerKey) this.#byText.delete(kept.textKey);
  }
}

/** No slug and no digest has a line's end. */
const textKeyOf = ({ tenantId, scope }: VectorPlace, normalised: string): string =>
  `${tenantId}\n${scope}\n${normalised}`;

const candidateOf = (entry: Kept["entry"], similarity: number): SemanticCandidate => ({
  question: entry.question,
  answerKey: entry.answerKey,
  storedAtMs: entry.storedAtMs,
  similarity,
});
