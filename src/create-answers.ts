// Cached answers, kept where the settings say: in memory, and behind that in a Redis that several gateways share.

import type { Settings } from "./config/configuration.ts";
import type { AnswerParts } from "./core/assemble-gateway.ts";
import type { AnswerCache } from "./core/cache/answer-cache.ts";
import { createAnswerJson } from "./core/cache/answer-json.ts";
import { chatOperation } from "./core/chat/operation.ts";
import type { Clock } from "./core/clock.ts";
import { embedOperation } from "./core/embed/operation.ts";
import type { ReportFault } from "./core/errors.ts";
import { createMemoryAnswers } from "./stores/memory/memory-answers.ts";
import { createTwoLevelAnswers } from "./stores/two-level-answers.ts";
import type { RedisSuspicion } from "./stores/redis/redis-suspicion.ts";
import type { Log } from "./telemetry/log.ts";

interface AnswersPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly reportFault: ReportFault;
  readonly suspicion: RedisSuspicion;
}

const largestAnswerBytes = 33_554_432;
/** As JSON text: questions of others wait behind it on the wire. */
const largestSharedBytes = 1_048_576;

/** A Redis that is not there yet is no reason not to start: `problems()` of the cache tells of it. */
export async function createAnswers(settings: Settings, ports: AnswersPorts): Promise<AnswerParts> {
  const maxBytes = Math.min(largestAnswerBytes, Math.floor(settings.cacheMaxBytes / 4));
  return { cache: await cacheOf(settings, ports), maxBytes };
}

async function cacheOf(
  { cacheMaxEntries: maxEntries, cacheMaxBytes: maxBytes, cacheEnabled, cacheMode, redisUrl: url }: Settings,
  { clock, log, reportFault, suspicion }: AnswersPorts,
): Promise<AnswerCache> {
  const memory = createMemoryAnswers({ maxEntries, maxBytes, clock });
  if (url === undefined || !cacheEnabled || cacheMode === "off") return memory;
  const { createRedisAnswers } = await import("./stores/redis/redis-answers.ts");
  const shared = createRedisAnswers({
    url,
    clock,
    json: createAnswerJson({ chat: chatOperation.keptEvents, embed: embedOperation.keptEvents }),
    maxEntryBytes: largestSharedBytes,
    tell: (message) => log.warn(message),
    reportFault,
    suspicion,
  });
  return createTwoLevelAnswers(memory, shared);
}
