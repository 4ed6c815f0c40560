// The end of a gateway that serves, in the order in which it hurts nobody: its health says so, new callers are
// refused, open calls end, records are written.

import type { Clock } from "./core/clock.ts";
import type { Gateway } from "./core/gateway.ts";
import type { ServedPorts } from "./serve.ts";

export interface StopOptions {
  readonly gateway: Pick<Gateway, "announceStop" | "refuseCalls" | "close">;
  readonly ports: Pick<ServedPorts, "announceStop" | "drain" | "close">;
  readonly clock: Clock;
  /** How long new callers are still served, until load balancers have noticed. */
  readonly delayMs: number;
  /** How long open calls may go on after that. */
  readonly timeoutMs: number;
  /** Hears of calls that were ended before their end. */
  readonly warn: (message: string) => void;
}

/** Longer than a full queue takes, and shorter than a container that stops waits beyond the two times above. */
const closeTimeoutMs = 10_000;

/** Resolves when all is closed and written, or could not be in time. */
export async function stopGracefully(options: StopOptions): Promise<void> {
  const { gateway, ports, clock, delayMs, timeoutMs, warn } = options;
  let close = (): Promise<unknown> => gateway.close();
  try {
    gateway.announceStop();
    ports.announceStop();
    if (delayMs > 0) await new Promise<void>((resolve) => clock.setTimer(delayMs, resolve));
    gateway.refuseCalls();
    if (await endsWithin(timeoutMs, ports.drain(), clock)) return;
    warn(
      `What was still open after ${timeoutMs / 1000} s is ended now. SHUTDOWN_TIMEOUT_SECONDS gives more time.`,
    );
    // Its callers are told why before the ports close.
    close = () => Promise.all([gateway.close(), ports.close()]);
  } finally {
    if (!(await endsWithin(closeTimeoutMs, close(), clock))) {
      warn(
        `The gateway did not close within ${closeTimeoutMs / 1000} s, and records that still waited are lost. See ` +
          "that the database can be reached.",
      );
    }
  }
}

async function endsWithin(timeoutMs: number, end: Promise<unknown>, clock: Clock): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = clock.setTimer(timeoutMs, () => late.resolve(false));
  try {
    return await Promise.race([end.then(() => true), late.promise]);
  } finally {
    timer.cancel();
  }
}
