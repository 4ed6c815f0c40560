// Kept answers in this gateway's memory, and behind it those that all gateways share.

import type { AnswerCache, CachedAnswer } from "../core/cache/answer-cache.ts";
import type { MemoryAnswers } from "./memory/memory-answers.ts";

export function createTwoLevelAnswers(front: MemoryAnswers, shared: AnswerCache): AnswerCache {
  /** What the shared level is being asked for, by key. */
  const asked = new Map<string, Promise<CachedAnswer | undefined>>();

  async function ask(
    key: string,
    answer: Promise<CachedAnswer | undefined>,
  ): Promise<CachedAnswer | undefined> {
    try {
      return keep(key, await answer);
    } finally {
      asked.delete(key);
    }
  }

  function keep(key: string, found: CachedAnswer | undefined): CachedAnswer | undefined {
    // What was put meanwhile is newer.
    const put = front.find(key);
    if (put !== undefined || found === undefined) return put;
    front.put(key, found);
    return found;
  }

  return {
    find(key) {
      const near = front.find(key);
      if (near !== undefined) return near;
      const underWay = asked.get(key);
      if (underWay !== undefined) return underWay;
      const found = shared.find(key);
      if (!(found instanceof Promise)) return keep(key, found);
      const asking = ask(key, found);
      asked.set(key, asking);
      return asking;
    },
    put(key, answer) {
      front.put(key, answer);
      shared.put(key, answer);
    },
    problems: () => [...front.problems(), ...shared.problems()],
    async close() {
      await Promise.all([front.close(), shared.close()]);
    },
  };
}
