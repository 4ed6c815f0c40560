import type { Clock } from "../core/clock.ts";

/** Passes warnings on at most once in `intervalMs`; those in between are dropped, so each tells the whole. */
export function createLimitedWarning(options: {
  readonly warn: (message: string) => void;
  readonly clock: Clock;
  readonly intervalMs: number;
}): (message: () => string) => void {
  const { warn, clock, intervalMs } = options;
  let quietUntilMs = Number.NEGATIVE_INFINITY;
  return (message) => {
    const nowMs = clock.monotonicMs();
    if (nowMs < quietUntilMs) return;
    quietUntilMs = nowMs + intervalMs;
    warn(message());
  };
}
