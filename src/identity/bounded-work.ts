// Work that takes a processor's whole time for a while: a few at a time, and a short line before them. Where it is
// done for several, each has a line of their own and they take turns: nobody waits for what another one has much of.

import { GatewayError } from "../core/errors.ts";
import { WaitingLine } from "../core/limits/waiting-line.ts";

export interface WorkBounds {
  readonly atATime: number;
  /** Who comes when so many wait, for the same one, is refused. */
  readonly waitingMax: number;
}

/**
 * `forWhom`: by default all are one.
 * @throws GatewayError `overloaded`, as a rejection; what the work itself throws
 */
export type BoundedWork = <T>(work: () => Promise<T>, forWhom?: string) => Promise<T>;

export function createBoundedWork({ atATime, waitingMax }: WorkBounds): BoundedWork {
  /** Only those in which somebody waits, in the order of their turns. */
  const lines = new Map<string, WaitingLine<() => void>>();
  let underWay = 0;

  /** Whoever waits gets the place of the one who leaves: `underWay` stays as it is. */
  const enter = (forWhom: string): Promise<void> | undefined => {
    if (underWay < atATime) {
      underWay += 1;
      return undefined;
    }
    const line = lines.get(forWhom) ?? new WaitingLine<() => void>();
    if (line.length() >= waitingMax) throw tooMany();
    lines.set(forWhom, line);
    return new Promise((resolve) => void line.join(resolve));
  };
  const leave = (): void => {
    const [next] = lines;
    if (next === undefined) {
      underWay -= 1;
      return;
    }
    const [forWhom, line] = next;
    lines.delete(forWhom);
    const goOn = line.shift();
    if (line.length() > 0) lines.set(forWhom, line);
    goOn?.();
  };

  return async (work, forWhom = "") => {
    await enter(forWhom);
    try {
      return await work();
    } finally {
      leave();
    }
  };
}

const tooMany = (): GatewayError =>
  new GatewayError({
    code: "overloaded",
    message: "Too many secrets are being checked at the moment. Try again.",
    retryAfterMs: 1_000,
  });
