// What runs are kept in: idempotency keys in the database, and where several gateways share a Redis, the logs there.

import { createKeyRing } from "./config/secret/key-ring.ts";
import { createSealedIdempotency, replyPurpose } from "./config/secret/sealed-idempotency.ts";
import type { ServerSecret } from "./config/secret/server-secret.ts";
import type { Settings } from "./config/configuration.ts";
import type { RunParts } from "./core/assemble-gateway.ts";
import type { Clock } from "./core/clock.ts";
import type { ReportFault } from "./core/errors.ts";
import type { KeptKeys } from "./core/runs/kept-keys.ts";
import { defaultKeptLimits } from "./core/runs/run-settings.ts";
import type { SharedRuns } from "./core/runs/shared-runs.ts";
import { createExpiredKeyRemoval } from "./db/expired-keys.ts";
import type { RedisSuspicion } from "./stores/redis/redis-suspicion.ts";
import type { Log } from "./telemetry/log.ts";

export interface RunsPorts {
  readonly settings: Settings;
  readonly secret: ServerSecret;
  readonly kept: KeptKeys;
  readonly clock: Clock;
  readonly log: Log;
  readonly reportFault: ReportFault;
  readonly suspicion: RedisSuspicion;
}

export interface OpenRuns {
  readonly parts: RunParts;
  /** After the last call and before the database. */
  close(): Promise<void>;
}

/** A Redis that is not there yet is no reason not to start. */
export async function createRuns({
  settings,
  secret,
  kept,
  clock,
  log,
  reportFault,
  suspicion,
}: RunsPorts): Promise<OpenRuns> {
  const keys = createSealedIdempotency({
    kept,
    keys: createKeyRing(secret, replyPurpose),
    clock,
    onFailure: (error) => log.error("idempotency keys cannot be reached", { error }),
  });
  const removal = createExpiredKeyRemoval({ keys: kept, clock, warn: (message) => log.warn(message) });
  const shared = await sharedRuns(settings, { clock, log, reportFault, suspicion });
  return {
    parts: {
      keys,
      shared,
      limits: { logMaxBytes: settings.runLogMaxBytes, awayMs: settings.resumeAwaySeconds * 1_000 },
      kept: {
        replyMaxBytes: settings.idempotencyMaxBytes,
        keyMs: defaultKeptLimits.keyMs,
        resumeMs: settings.resumeKeepSeconds * 1_000,
        endedMaxBytes: settings.runLogsMaxBytes,
      },
    },
    async close() {
      await removal.close();
      await shared?.close();
    },
  };
}

async function sharedRuns(
  { redisUrl: url, runLogMaxBytes: maxBytes, resumeKeepSeconds: keepSeconds }: Settings,
  { clock, log, reportFault, suspicion }: Pick<RunsPorts, "clock" | "log" | "reportFault" | "suspicion">,
): Promise<SharedRuns | undefined> {
  if (url === undefined) return undefined;
  const { createRedisRuns } = await import("./stores/redis/redis-runs.ts");
  const tell = (message: string): void => log.warn(message);
  return createRedisRuns({ url, clock, maxBytes, keepSeconds, tell, reportFault, suspicion });
}
