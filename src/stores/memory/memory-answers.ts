// Kept answers in this process's memory: the ones used last, by number and by bytes.

import { LRUCache } from "lru-cache";
import type { AnswerCache, CachedAnswer } from "../../core/cache/answer-cache.ts";
import { servesAt } from "../../core/cache/serves-at.ts";
import type { Clock } from "../../core/clock.ts";

export interface MemoryAnswersOptions {
  /** `CACHE_MAX_ENTRIES` */
  readonly maxEntries: number;
  /** `CACHE_MAX_BYTES`. An answer of more than a quarter of it is left out: none pushes out all others. */
  readonly maxBytes: number;
  readonly clock: Clock;
}

export interface MemoryAnswers extends AnswerCache {
  /** At once. */
  find(key: string): CachedAnswer | undefined;
  readonly size: number;
  /** About what all of them take. */
  readonly bytes: number;
}

interface Kept {
  readonly answer: CachedAnswer;
  /** On the monotonic clock: a wall clock that was set back makes no answer younger. */
  readonly untilMs: number;
}

const largestShare = 4;
/** What keeping an answer takes beside the answer and its key. */
const overheadBytes = 256;

export const createMemoryAnswers = (options: MemoryAnswersOptions): MemoryAnswers => new Answers(options);

class Answers implements MemoryAnswers {
  readonly #clock: Clock;
  #maxEntryBytes: number;
  readonly #kept: LRUCache<string, Kept>;

  constructor({ maxEntries, maxBytes, clock }: MemoryAnswersOptions) {
    this.#clock = clock;
    this.#maxEntryBytes = maxEntries < 1 ? 0 : Math.floor(maxBytes / largestShare);
    // It takes 0 for no limit.
    this.#kept = new LRUCache({ max: Math.max(1, maxEntries), maxSize: Math.max(1, maxBytes) });
  }

  get size(): number {
    return this.#kept.size;
  }

  get bytes(): number {
    return this.#kept.calculatedSize;
  }

  find(key: string): CachedAnswer | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const { answer, untilMs } = kept;
    if (servesAt(answer, this.#clock.epochMs()) && this.#clock.monotonicMs() < untilMs) return answer;
    this.#kept.delete(key);
    return undefined;
  }

  put(key: string, answer: CachedAnswer): void {
    const nowMs = this.#clock.epochMs();
    const size = overheadBytes + 2 * key.length + Math.ceil(answer.bytes);
    // Negated, so that a size that is no number is left out too.
    if (!(size <= this.#maxEntryBytes) || !servesAt(answer, nowMs)) {
      // What it would have taken the place of is older still.
      this.#kept.delete(key);
      return;
    }
    const untilMs = this.#clock.monotonicMs() + answer.staleUntilMs - nowMs;
    this.#kept.set(key, { answer, untilMs }, { size });
  }

  problems(): readonly string[] {
    return [];
  }

  close(): Promise<void> {
    this.#maxEntryBytes = 0;
    this.#kept.clear();
    return Promise.resolve();
  }
}
