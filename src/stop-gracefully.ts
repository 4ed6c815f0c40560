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

/** Resolves when all is closed and written. */
export async function stopGracefully(options: StopOptions): Promise<void> {
  const { gateway, ports, clock, delayMs, timeoutMs, warn } = options;
  try {
    gateway.announceStop();
    ports.announceStop();
    if (delayMs > 0) await new Promise<void>((resolve) => clock.setTimer(delayMs, resolve));
    gateway.refuseCalls();
    if (await endsWithin(timeoutMs, ports.drain(), clock)) return;
    warn(
      `What was still open after ${timeoutMs / 1000} s is ended now. SHUTDOWN_TIMEOUT_SECONDS gives more time.`,
    );
    // Their callers are told why before the ports close.
    const closed = gateway.close();
    await ports.close();
    await closed;
  } finally {
    await gateway.close();
  }
}

async function endsWithin(timeoutMs: number, end: Promise<void>, clock: Clock): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = clock.setTimer(timeoutMs, () => late.resolve(false));
  try {
    return await Promise.race([end.then(() => true), late.promise]);
  } finally {
    timer.cancel();
  }
}
