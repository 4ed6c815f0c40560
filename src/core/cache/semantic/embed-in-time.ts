// A question's vector, for which a call waits a short time only; after some failures in a row none does for a while.

import type { Clock, Timer } from "../../clock.ts";

/**
 * Undefined, or a rejection: there is none. `given_up`: nobody was asked, or the call has ended; that says nothing of
 * the embedder. The signal ends when nobody waits for it any more.
 */
export type EmbedQuestion = (
  text: string,
  signal: AbortSignal,
) => Promise<ArrayLike<number> | "given_up" | undefined>;

export type EmbedOutcome =
  | { readonly vector: ArrayLike<number> }
  | { readonly none: "embedding_late" | "embedding_failed" | "embedding_paused" | "given_up" };

export interface EmbedInTime {
  /** `embedder` names whom the failures are counted for. Never rejects. */
  embed(asked: {
    readonly embedder: string;
    readonly text: string;
    readonly by: EmbedQuestion;
  }): Promise<EmbedOutcome>;
}

export interface EmbedInTimeOptions {
  readonly clock: Clock;
  /** What it may cost a call. */
  readonly timeoutMs: number;
}

const failuresInRow = 3;
const pauseMs = 10_000;
const maxAtOnce = 64;
const maxEmbedders = 1_000;

interface Standing {
  failures: number;
  pausedUntilMs: number;
  atOnce: number;
}

export const createEmbedInTime = (options: EmbedInTimeOptions): EmbedInTime => new InTime(options);

class InTime implements EmbedInTime {
  readonly #options: EmbedInTimeOptions;
  readonly #standings = new Map<string, Standing>();

  constructor(options: EmbedInTimeOptions) {
    this.#options = options;
  }

  async embed({ embedder, text, by }: Parameters<EmbedInTime["embed"]>[0]): Promise<EmbedOutcome> {
    const { clock } = this.#options;
    const standing = this.#standing(embedder);
    if (standing.atOnce >= maxAtOnce || clock.monotonicMs() < standing.pausedUntilMs) {
      return { none: "embedding_paused" };
    }
    standing.atOnce += 1;
    const embedded = await this.#ask(text, by);
    standing.atOnce -= 1;
    if ("none" in embedded && embedded.none === "given_up") return embedded;
    standing.failures = "vector" in embedded ? 0 : standing.failures + 1;
    // From then on each failure pauses it again.
    if (standing.failures >= failuresInRow) standing.pausedUntilMs = clock.monotonicMs() + pauseMs;
    return embedded;
  }

  async #ask(text: string, by: EmbedQuestion): Promise<EmbedOutcome> {
    const { clock, timeoutMs } = this.#options;
    const controller = new AbortController();
    let timer: Timer | undefined;
    const late = new Promise<EmbedOutcome>((resolve) => {
      timer = clock.setTimer(timeoutMs, () => {
        resolve({ none: "embedding_late" });
        controller.abort();
      });
    });
    try {
      return await Promise.race([late, embeddedBy(by, text, controller.signal)]);
    } finally {
      timer?.cancel();
    }
  }

  #standing(embedder: string): Standing {
    const known = this.#standings.get(embedder);
    if (known !== undefined) return known;
    const standing = { failures: 0, pausedUntilMs: 0, atOnce: 0 };
    const [oldest] = this.#standings.keys();
    if (this.#standings.size >= maxEmbedders && oldest !== undefined) this.#standings.delete(oldest);
    this.#standings.set(embedder, standing);
    return standing;
  }
}

async function embeddedBy(by: EmbedQuestion, text: string, signal: AbortSignal): Promise<EmbedOutcome> {
  try {
    const vector = await by(text, signal);
    if (vector === "given_up") return { none: vector };
    return vector === undefined ? { none: "embedding_failed" } : { vector };
  } catch {
    return { none: "embedding_failed" };
  }
}
