// Runs' logs that several gateways of one test share, in memory.

import type { RunHead, SharedRun, SharedRuns, SharedRunStep } from "../../src/core/runs/shared-runs.ts";

interface Kept {
  readonly head: RunHead;
  readonly events: string[];
  /** Those before it are no longer kept. */
  firstSequence: number;
  end: { readonly error: string | undefined } | undefined;
  isLost: boolean;
  /** Told when there is more. */
  readonly waiting: Set<() => void>;
}

export interface MemoryRuns extends SharedRuns {
  readonly heads: RunHead[];
  /** Steps that somebody is reading. */
  readonly readers: number;
  /** Its gateway is gone. */
  lose(id: string): void;
  forgetBefore(id: string, sequence: number): void;
  /** In place of what was told. */
  spoil(id: string, sequence: number, event: string): void;
}

export function createMemoryRuns(): MemoryRuns {
  const runs = new Map<string, Kept>();
  const heads: RunHead[] = [];
  let readers = 0;
  const change = (id: string, how: (kept: Kept) => void): void => {
    const kept = runs.get(id);
    if (kept === undefined) return;
    how(kept);
    for (const tell of kept.waiting) tell();
  };
  async function* steps(
    kept: Kept,
    afterSequence: number,
    signal: AbortSignal,
  ): AsyncGenerator<SharedRunStep> {
    readers += 1;
    try {
      for (let sequence = afterSequence + 1; !signal.aborted;) {
        const event = kept.events[sequence];
        if (kept.isLost || sequence < kept.firstSequence) {
          yield { type: "lost" };
          return;
        }
        if (event !== undefined) {
          yield { type: "event", sequence, event };
          sequence += 1;
        } else if (kept.end === undefined) {
          await more(kept, signal);
        } else {
          yield { type: "end", error: kept.end.error };
          return;
        }
      }
    } finally {
      readers -= 1;
    }
  }
  return {
    heads,
    get readers() {
      return readers;
    },
    publish(head) {
      heads.push(head);
      const { id } = head;
      runs.set(id, {
        head,
        events: [],
        firstSequence: 0,
        end: undefined,
        isLost: false,
        waiting: new Set(),
      });
      return {
        append: (event) => change(id, ({ events }) => events.push(event)),
        end: (error) => change(id, (kept) => (kept.end ??= { error })),
      };
    },
    async find(id): Promise<SharedRun | undefined> {
      const kept = runs.get(id);
      return (
        kept && {
          head: kept.head,
          nextSequence: kept.events.length,
          ended: kept.end !== undefined,
          steps: (afterSequence, signal) => steps(kept, afterSequence, signal),
        }
      );
    },
    lose: (id) =>
      change(id, (kept) => {
        kept.isLost = true;
      }),
    forgetBefore: (id, sequence) =>
      change(id, (kept) => {
        kept.firstSequence = sequence;
      }),
    spoil: (id, sequence, event) =>
      change(id, ({ events }) => {
        events[sequence] = event;
      }),
    problems: () => [],
    close: () => Promise.resolve(),
  };
}

/** Until something changes, or the reader goes. */
function more({ waiting }: Kept, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const tell = (): void => {
      waiting.delete(tell);
      signal.removeEventListener("abort", tell);
      resolve();
    };
    waiting.add(tell);
    signal.addEventListener("abort", tell, { once: true });
  });
}
