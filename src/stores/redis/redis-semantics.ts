// Questions whose answers are kept, which several gateways tell each other by a stream in Redis. Each has all of them in
// its own memory, where it looks; while Redis is away it looks at what it knows, and tells later what it has learnt.
//
// The stream `sluice:semantic` names what is new; the questions stand under keys of their own that expire with them, as
// plain text, such as the answers do.

import type {
  SemanticCandidate,
  SemanticEntry,
  SemanticStore,
} from "../../core/cache/semantic/semantic-store.ts";
import type { VectorPlace } from "../../core/cache/semantic/vector-index.ts";
import type { Clock, Timer } from "../../core/clock.ts";
import { createMemorySemantics } from "../memory/memory-semantics.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { createRedisLink, type RedisLink } from "./redis-link.ts";
import { entryOfText, entryText, toldFields, toldIn } from "./semantics-wire.ts";

export interface RedisSemanticsOptions {
  /** `REDIS_URL` */
  readonly url: string;
  readonly clock: Clock;
  /** Of this process: what it told itself it need not hear. */
  readonly nodeId: string;
  /** For the log: that Redis went away, and that it is back. */
  readonly tell: (message: string) => void;
  readonly maxEntries?: number | undefined;
  /** Of vectors, in this process's memory. */
  readonly maxBytes?: number | undefined;
}

const streamKey = "sluice:semantic";
const keyOf = (answerKey: string): string => `sluice:semantic:${answerKey}`;
const checkKey = "sluice:semantic:/check";

const standardEntries = 10_000;
const pollMs = 250;
/** A page of them is read well within the time that Redis has for an answer. */
const readAtOnce = 64;
/** The latest that could not be told. */
const maxUntold = 1_000;
/** What is of a later time than that is of a clock that was wrong. */
const clocksDifferMs = 60_000;

export const createRedisSemantics = (options: RedisSemanticsOptions): SemanticStore => new InRedis(options);

class InRedis implements SemanticStore {
  readonly #options: RedisSemanticsOptions;
  readonly #memory: SemanticStore;
  readonly #link: RedisLink;
  readonly #maxEntries: number;
  readonly #untold = new Map<string, SemanticEntry>();
  #telling = false;
  /** The last of the stream that was read. */
  #readUpTo = "0-0";
  #reading = false;
  #poll: Timer | undefined;
  #closed = false;

  constructor(options: RedisSemanticsOptions) {
    this.#options = options;
    const { url, clock, tell, maxEntries = standardEntries, maxBytes } = options;
    this.#maxEntries = maxEntries;
    this.#memory = createMemorySemantics({ clock, maxEntries, maxBytes });
    this.#link = createRedisLink({
      url,
      clock,
      tell,
      check: (connection) => this.#check(connection),
      back: () => this.#catchUp(),
    });
    this.#pollLater();
  }

  sameText(place: VectorPlace, normalised: string): SemanticCandidate | undefined {
    return this.#memory.sameText(place, normalised);
  }

  nearest(
    place: VectorPlace,
    vector: ArrayLike<number>,
    wanted: { readonly count: number; readonly atLeast: number },
  ): readonly SemanticCandidate[] {
    return this.#memory.nearest(place, vector, wanted);
  }

  add(entry: SemanticEntry): void {
    this.#memory.add(entry);
    this.#untold.delete(entry.answerKey);
    this.#untold.set(entry.answerKey, entry);
    const [oldest] = this.#untold.keys();
    if (this.#untold.size > maxUntold && oldest !== undefined) this.#untold.delete(oldest);
    void this.#tellAll();
  }

  touch(answerKey: string): void {
    this.#memory.touch(answerKey);
  }

  remove(answerKey: string): void {
    this.#memory.remove(answerKey);
  }

  problems(): readonly string[] {
    const failure = this.#link.failure();
    return failure === undefined
      ? []
      : [`${failure} Until it is back, this gateway hears nothing of questions that others have answered.`];
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#poll?.cancel();
    await this.#link.close();
    await this.#memory.close();
  }

  /** It writes, which a server that is full does not let it, and reads as it will: who may not would ask each second. */
  async #check(connection: RedisConnection): Promise<void> {
    await connection.send(["SET", checkKey, "1", "PX", "1000"]);
    await connection.send(["XREAD", "COUNT", "1", "STREAMS", streamKey, "0-0"]);
    await connection.send(["MGET", checkKey]);
  }

  /** From the beginning: a Redis that was restarted may have begun anew. */
  #catchUp(): void {
    this.#readUpTo = "0-0";
    void this.#tellAll();
    void this.#read();
  }

  async #tellAll(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    try {
      for (;;) {
        const [entry] = this.#untold.values();
        if (entry === undefined || this.#closed) return;
        const told = this.#link.ask((connection) => this.#tell(connection, entry));
        if (told === undefined) return;
        await told;
        if (this.#untold.get(entry.answerKey) === entry) this.#untold.delete(entry.answerKey);
      }
    } catch {
      // It is tried again when Redis is back.
    } finally {
      this.#telling = false;
    }
  }

  async #tell(connection: RedisConnection, entry: SemanticEntry): Promise<void> {
    const { answerKey, expiresAtMs } = entry;
    const leftMs = Math.floor(expiresAtMs - this.#options.clock.epochMs());
    if (leftMs <= 0) return;
    const text = entryText(entry);
    const fields = toldFields(this.#options.nodeId, answerKey);
    await Promise.all([
      connection.send(["SET", keyOf(answerKey), text, "PX", String(leftMs)]),
      connection.send(["XADD", streamKey, "MAXLEN", "~", String(this.#maxEntries), "*", ...fields]),
    ]);
  }

  #pollLater(): void {
    if (this.#closed) return;
    this.#poll = this.#options.clock.setTimer(pollMs, () => {
      void this.#read();
      this.#pollLater();
    });
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      let isMore = true;
      while (isMore && !this.#closed)
        isMore = (await this.#link.ask((connection) => this.#readPage(connection))) ?? false;
    } catch {
      // It is read on when Redis is back.
    } finally {
      this.#reading = false;
    }
  }

  /** Whether there may be more. */
  async #readPage(connection: RedisConnection): Promise<boolean> {
    const from = this.#readUpTo;
    const reply = await connection.send(["XREAD", "COUNT", String(readAtOnce), "STREAMS", streamKey, from]);
    const page = toldIn(reply);
    const last = page.at(-1);
    if (last === undefined) return false;
    const keys = page.flatMap(({ node, key }) =>
      node === this.#options.nodeId || key === undefined ? [] : [key],
    );
    if (keys.length > 0) this.#take(keys, await connection.send(["MGET", ...keys.map(keyOf)]));
    // Unless it has begun anew meanwhile.
    if (this.#readUpTo === from) this.#readUpTo = last.id;
    return page.length === readAtOnce || this.#readUpTo !== last.id;
  }

  #take(keys: readonly string[], texts: unknown): void {
    if (!Array.isArray(texts)) return;
    const latestMs = this.#options.clock.epochMs() + clocksDifferMs;
    for (const [at, key] of keys.entries()) {
      const text: unknown = texts[at];
      const entry = typeof text === "string" ? entryOfText(text, key) : undefined;
      if (entry !== undefined && entry.storedAtMs <= latestMs) this.#memory.add(entry);
    }
  }
}
