// A log for parts that notice the same thing at the same time, as those that share a Redis do: it is told once.

import type { Clock } from "../core/clock.ts";
import type { Log } from "./log.ts";

/** What is said again so soon is nothing new. */
const sameMs = 5_000;
/** Sentences that are remembered. */
const mostKnown = 100;

/** Without what is put behind it in parentheses: each part may have been told otherwise why. */
const sentenceOf = (message: string): string => message.replace(/ \([^()]*\)$/, "");

export function toldOnce(log: Log, clock: Clock): Log {
  const toldAtMs = new Map<string, number>();
  return {
    ...log,
    warn(message, fields) {
      const sentence = sentenceOf(message);
      const nowMs = clock.monotonicMs();
      if (nowMs - (toldAtMs.get(sentence) ?? Number.NEGATIVE_INFINITY) < sameMs) return;
      if (toldAtMs.size >= mostKnown) toldAtMs.clear();
      toldAtMs.set(sentence, nowMs);
      log.warn(message, fields);
    },
  };
}
