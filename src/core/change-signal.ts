// Something that several gateways change and each of them looks at now and then: whoever has changed it says so, and the
// others look at once. However often it is said, the database is asked at a bounded pace.

import type { Clock, Timer } from "./clock.ts";
import type { Signals } from "./signals.ts";

export interface ChangeSignalParts {
  readonly signals: Signals;
  readonly channel: string;
  /** Tells this gateway's own signals from those of the others. */
  readonly self: string;
  readonly clock: Clock;
  /** Told that another gateway has, or may have, changed it. */
  readonly look: () => void;
}

export interface ChangeSignal {
  /** Listens from now on. */
  start(): void;
  /** It was changed here, and that can be read. */
  tell(): void;
  stop(): void;
}

/** Between two looks that others ask for. */
const calmMs = 20;

export function createChangeSignal(parts: ChangeSignalParts): ChangeSignal {
  const { signals, channel, self, clock, look } = parts;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let next: Timer | undefined;
  let end: (() => void) | undefined;

  function lookNow(): void {
    next = undefined;
    lookedAtMs = clock.monotonicMs();
    look();
  }

  function hear(text: string | undefined): void {
    if (text === self || next !== undefined) return;
    const waitMs = lookedAtMs + calmMs - clock.monotonicMs();
    if (waitMs <= 0) lookNow();
    else next = clock.setTimer(waitMs, lookNow);
  }

  return {
    start() {
      end ??= signals.subscribe(channel, hear);
    },
    tell: () => signals.publish(channel, self),
    stop() {
      end?.();
      end = undefined;
      next?.cancel();
    },
  };
}
