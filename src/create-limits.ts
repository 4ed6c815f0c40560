// The limits of callers, kept where the settings say: in memory, or in a Redis that several gateways share.

import type { Settings } from "./config/configuration.ts";
import type { Clock } from "./core/clock.ts";
import type { ReportFault } from "./core/errors.ts";
import type { GatewayLimits } from "./core/limits/gateway-limits.ts";
import type { LimitStore } from "./core/limits/limit-store.ts";
import { createMemoryLimits } from "./stores/memory/memory-limits.ts";
import type { RedisSuspicion } from "./stores/redis/redis-suspicion.ts";
import type { Log } from "./telemetry/log.ts";

interface LimitParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly reportFault: ReportFault;
  readonly suspicion: RedisSuspicion;
}

/** A Redis that is not there yet is no reason not to start: `problems()` of the store tells of it. */
export async function createLimits(settings: Settings, parts: LimitParts): Promise<GatewayLimits> {
  const { requestsPerMinute, tokensPerMinute, defaultOutputReserve } = settings;
  return {
    store: await createStore(settings, parts),
    requestsPerMinute,
    tokensPerMinute,
    defaultOutputReserve,
  };
}

/** For operators: a sentence where several gateways cannot know what the others let in. */
export const unsharedLimits = ({
  nodes,
  redisUrl,
}: Pick<Settings, "nodes" | "redisUrl">): readonly string[] =>
  nodes === 1 || redisUrl !== undefined
    ? []
    : [
        `SLUICE_NODES says ${nodes} gateways, which share no Redis: each lets in as much as all of them should. ` +
          "Set REDIS_URL.",
      ];

async function createStore(
  { redisUrl: url, nodes, redisFailure: policy }: Settings,
  { clock, log, reportFault, suspicion }: LimitParts,
): Promise<LimitStore> {
  if (url === undefined) return createMemoryLimits({ clock });
  // The client of Redis takes time and memory to load.
  const { createRedisLimits } = await import("./stores/redis/redis-limits.ts");
  return createRedisLimits({
    url,
    nodes,
    policy,
    clock,
    reportFault,
    suspicion,
    tell: (message) => log.warn(message),
  });
}
