// A way to a real Redis of which a test says what becomes of each script: whether and when it arrives, and its answer.

import type { RedisScripts } from "../../../src/stores/redis/redis-scripts.ts";

type Run = () => Promise<unknown>;

const steady = (run: Run): Promise<unknown> => run();

export interface UnsteadyWay {
  readonly through: (scripts: RedisScripts) => RedisScripts;
  /** What becomes of the scripts from now on; at first each just runs. */
  readonly meanwhile: (carry: (run: Run) => Promise<unknown>) => void;
  /** Redis is away, and what is asked does not begin. */
  readonly goAway: () => void;
  readonly comeBack: () => void;
}

export function createUnsteadyWay(): UnsteadyWay {
  const listeners: (() => void)[] = [];
  let isAway = false;
  let carry = steady;
  return {
    through: (scripts) => ({
      evalScript(script, call) {
        if (isAway) return undefined;
        return carry(() => scripts.evalScript(script, call) ?? Promise.reject(new Error("Nobody is there.")));
      },
      failure: () => (isAway ? "Redis is away." : scripts.failure()),
      whenBack: (listener) => void listeners.push(listener),
      close: () => scripts.close(),
    }),
    meanwhile(next) {
      carry = next;
    },
    goAway() {
      isAway = true;
    },
    comeBack() {
      isAway = false;
      for (const listener of listeners) listener();
    },
  };
}
