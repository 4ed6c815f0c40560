// Work that takes a processor's whole time for a while: a few at a time, and a short line before them. Those who wait take
// turns by who asks: whoever asks for much waits for their own, and others pass.

import { GatewayError } from "../core/errors.ts";
import { WaitingLine } from "../core/limits/waiting-line.ts";

export interface WorkBounds {
  readonly atATime: number;
  /** Who comes when so many wait is refused. */
  readonly waitingMax: number;
  /** The same, of those that one asks for. Absent: as many as of all. */
  readonly waitingMaxOfOne?: number | undefined;
}

/**
 * `askedBy` absent: all ask as one.
 * @throws GatewayError `overloaded`, as a rejection; what the work itself throws
 */
export type BoundedWork = <T>(work: () => Promise<T>, askedBy?: string) => Promise<T>;

export function createBoundedWork(bounds: WorkBounds): BoundedWork {
  const { atATime, waitingMax, waitingMaxOfOne = waitingMax } = bounds;
  /** By who asks, whose turn is next first. None is empty. */
  const lines = new Map<string, WaitingLine<() => void>>();
  let waiting = 0;
  let underWay = 0;

  /** Whoever waits gets the place of the one who leaves: `underWay` stays as it is. */
  const enter = (askedBy: string): Promise<void> | undefined => {
    if (underWay < atATime) {
      underWay += 1;
      return undefined;
    }
    const line = lines.get(askedBy) ?? new WaitingLine();
    if (waiting >= waitingMax || line.length() >= waitingMaxOfOne) throw tooMany();
    waiting += 1;
    lines.set(askedBy, line);
    return new Promise((resolve) => void line.join(resolve));
  };

  const shift = (): (() => void) | undefined => {
    const [first] = lines;
    if (first === undefined) return undefined;
    const [askedBy, line] = first;
    const next = line.shift();
    waiting -= 1;
    lines.delete(askedBy);
    if (line.length() > 0) lines.set(askedBy, line);
    return next;
  };

  const leave = (): void => {
    const next = shift();
    if (next === undefined) underWay -= 1;
    else next();
  };

  return async (work, askedBy = "") => {
    await enter(askedBy);
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
