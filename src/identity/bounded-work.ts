// Work that takes a processor's whole time for a while: a few at a time, and a short line before them.

import { GatewayError } from "../core/errors.ts";
import { WaitingLine } from "../core/limits/waiting-line.ts";

export interface WorkBounds {
  readonly atATime: number;
  /** Who comes when so many wait is refused. */
  readonly waitingMax: number;
}

/** @throws GatewayError `overloaded`, as a rejection; what the work itself throws */
export type BoundedWork = <T>(work: () => Promise<T>) => Promise<T>;

export function createBoundedWork({ atATime, waitingMax }: WorkBounds): BoundedWork {
  const line = new WaitingLine<() => void>();
  let underWay = 0;

  /** Whoever waits gets the place of the one who leaves: `underWay` stays as it is. */
  const enter = (): Promise<void> | undefined => {
    if (underWay < atATime) {
      underWay += 1;
      return undefined;
    }
    if (line.length() >= waitingMax) throw tooMany();
    return new Promise((resolve) => void line.join(resolve));
  };
  const leave = (): void => {
    const next = line.shift();
    if (next === undefined) underWay -= 1;
    else next();
  };

  return async (work) => {
    await enter();
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
