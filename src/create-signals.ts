// What gateways tell each other at once: by the Redis that they share, or nothing.

import type { Settings } from "./config/configuration.ts";
import type { Clock } from "./core/clock.ts";
import { noSignals, type Signals } from "./core/signals.ts";
import type { Log } from "./telemetry/log.ts";

export interface OpenSignals {
  readonly signals: Signals;
  readonly close: () => Promise<void>;
}

/** A Redis that is not there yet is no reason not to start: what others change is looked at all the same. */
export async function createSignals(
  { redisUrl: url }: Pick<Settings, "redisUrl">,
  { clock, log }: { readonly clock: Clock; readonly log: Pick<Log, "warn"> },
): Promise<OpenSignals> {
  if (url === undefined) return { signals: noSignals, close: () => Promise.resolve() };
  // The client of Redis takes time and memory to load.
  const { createRedisSignals } = await import("./stores/redis/redis-signals.ts");
  const signals = createRedisSignals({
    url,
    clock,
    tell: (message) => log.warn(`signals between gateways: ${message}`),
  });
  return { signals, close: () => signals.close() };
}
