// The semantic cache, from the moment on when a route asks for one: its questions in memory, and where there is a Redis
// told to the other gateways.

import type { Settings } from "./config/configuration.ts";
import type { AnswerCache } from "./core/cache/answer-cache.ts";
import type { Digest } from "./core/cache/answer-key.ts";
import type { SemanticCache, SemanticCall, SemanticLookUp } from "./core/cache/semantic/semantic-cache.ts";
import type { SemanticStore } from "./core/cache/semantic/semantic-store.ts";
import type { Clock } from "./core/clock.ts";
import type { SnapshotHolder } from "./core/snapshot-holder.ts";
import type { Log } from "./telemetry/log.ts";

interface SemanticsPorts {
  readonly answers: AnswerCache;
  readonly snapshots: SnapshotHolder;
  readonly clock: Clock;
  readonly log: Log;
  readonly digest: Digest;
  /** Of this gateway, among those that share a Redis. */
  readonly nodeId: string;
}

/** Undefined: no answers are kept, whatever routes say. */
export function createSemantics(settings: Settings, ports: SemanticsPorts): SemanticCache | undefined {
  if (!settings.cacheEnabled || settings.cacheMode === "off") return undefined;
  const { answers, clock, digest, snapshots } = ports;
  const cache = new OpenedOnDemand(async () => {
    // Most gateways have no use for its lists of words.
    const { createSemanticCache } = await import("./core/cache/semantic/semantic-cache.ts");
    return createSemanticCache({ store: await storeOf(settings, ports), answers, clock, digest });
  });
  // Before the first call: what others have noted takes a moment to be read.
  const heed = (): void => {
    const { routes } = snapshots.current();
    const asks = [...routes.values()].some(({ policy }) => policy?.cache?.semantic !== undefined);
    if (asks) void cache.open();
  };
  snapshots.whenChanged(heed);
  heed();
  return cache;
}

async function storeOf(
  { redisUrl: url }: Settings,
  { clock, log, nodeId }: SemanticsPorts,
): Promise<SemanticStore> {
  if (url === undefined) {
    const { createMemorySemantics } = await import("./stores/memory/memory-semantics.ts");
    return createMemorySemantics({ clock });
  }
  const { createRedisSemantics } = await import("./stores/redis/redis-semantics.ts");
  return createRedisSemantics({ url, clock, nodeId, tell: (message) => log.warn(message) });
}

class OpenedOnDemand implements SemanticCache {
  readonly #make: () => Promise<SemanticCache>;
  #opening: Promise<SemanticCache> | undefined;
  #opened: SemanticCache | undefined;
  #closed = false;

  constructor(make: () => Promise<SemanticCache>) {
    this.#make = make;
  }

  async open(): Promise<SemanticCache | undefined> {
    if (this.#closed) return undefined;
    this.#opening ??= this.#make();
    this.#opened = await this.#opening;
    return this.#opened;
  }

  async lookUp(...asked: Parameters<SemanticCache["lookUp"]>): ReturnType<SemanticCache["lookUp"]> {
    const cache = this.#opened ?? (await this.open());
    return cache === undefined ? nothingFound(...asked) : cache.lookUp(...asked);
  }

  note(...noted: Parameters<SemanticCache["note"]>): void {
    this.#opened?.note(...noted);
  }

  compare(...compared: Parameters<SemanticCache["compare"]>): void {
    this.#opened?.compare(...compared);
  }

  report(): ReturnType<SemanticCache["report"]> {
    return this.#opened?.report() ?? { routes: [] };
  }

  problems(): readonly string[] {
    return this.#opened?.problems() ?? [];
  }

  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#opening)?.close();
  }
}

const nothingFound = (call: SemanticCall): SemanticLookUp => ({
  call,
  place: { tenantId: call.tenantId, scope: "" },
  vector: undefined,
  serve: undefined,
  shadow: undefined,
});
