// The way to Redis that costs a caller little when it is gone: whoever asks waits for some milliseconds, once; from
// then on Redis is away, nobody waits, and it is tried again in the background until it answers.

import type { Clock, Timer } from "../../core/clock.ts";
import { withinTime } from "../within-time.ts";
import { type OpenedConnection, openConnection, type RedisConnection } from "./redis-connection.ts";
import { redisFailure, SlowRedisError } from "./redis-failure.ts";
import type { RedisSuspicion } from "./redis-suspicion.ts";

export interface RedisLink {
  /**
   * What Redis answers; undefined while it is away. Rejects, at the latest after the time for an answer, when it went
   * away meanwhile.
   */
  ask<T>(send: (connection: RedisConnection) => Promise<T>): Promise<T> | undefined;
  /** Why it is away, as a sentence; undefined while it is not. */
  failure(): string | undefined;
  /** Waits a little for what was sent. */
  close(): Promise<void>;
}

export interface RedisLinkOptions {
  readonly url: string;
  readonly clock: Clock;
  /** Prepares a fresh connection. Rejects unless all that will be asked can be. */
  readonly check: (connection: RedisConnection) => Promise<void>;
  /** Each time that it answers again after it was away, or for the first time. */
  readonly back: () => void;
  /** For the log: that it went away, and that it is back. */
  readonly tell: (message: string) => void;
  /** Shared with the gateway's other links to the same Redis. */
  readonly suspicion?: RedisSuspicion | undefined;
}

/** An answer is waited for so long, in two parts: after the first, what has arrived meanwhile is read. */
const answerMs = { first: 40, rest: 10 } as const;
/** Seldom has Redis not answered by then: the other links ask it too. */
const suspectMs = 5;
const retryMs = 1_000;
const connectMs = 2_000;
const closeMs = 1_000;

interface Waiter {
  timer: Timer;
  readonly reject: (error: unknown) => void;
}

export const createRedisLink = (options: RedisLinkOptions): RedisLink => new Link(options);

class Link implements RedisLink {
  readonly #options: RedisLinkOptions;
  readonly #waiters = new Set<Waiter>();
  /** The one that can be asked. */
  #connection: OpenedConnection | undefined;
  /** The one that may become it. */
  #attempt: Promise<OpenedConnection> | undefined;
  #attempted: OpenedConnection | undefined;
  #failure: string | undefined;
  #retry: Timer | undefined;
  readonly #leaveSuspicion: (() => void) | undefined;
  #asksForOthers = false;
  #closed = false;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
    this.#leaveSuspicion = options.suspicion?.join(() => void this.#askForOthers());
    this.#try();
  }

  failure(): string | undefined {
    return this.#failure;
  }

  ask<T>(send: (connection: RedisConnection) => Promise<T>): Promise<T> | undefined {
    if (this.#closed || this.#failure !== undefined) return undefined;
    const connection = this.#connection;
    if (connection !== undefined) return this.#inTime(connection, () => send(connection));
    // Before it has answered for the first time.
    const attempt = this.#attempt;
    if (attempt === undefined) return undefined;
    return this.#inTime(undefined, async (isWaiting) => {
      const opened = await attempt;
      // Who has been answered meanwhile takes nothing.
      if (!isWaiting()) throw new SlowRedisError();
      return send(opened);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#leaveSuspicion?.();
    this.#retry?.cancel();
    this.#attempted?.destroy();
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) await this.#end(connection);
    this.#rejectAll(new Error("The gateway is stopping."));
  }

  async #inTime<T>(
    connection: OpenedConnection | undefined,
    send: (isWaiting: () => boolean) => Promise<T>,
  ): Promise<T> {
    const { clock, suspicion } = this.#options;
    const { promise: gone, reject } = Promise.withResolvers<never>();
    const late = (): void => this.#goAway(new SlowRedisError());
    const waitOn = (): void => {
      waiter.timer = clock.setTimer(answerMs.rest, late);
    };
    const first =
      suspicion === undefined
        ? clock.setTimer(answerMs.first, waitOn)
        : clock.setTimer(suspectMs, () => {
            waiter.timer = clock.setTimer(answerMs.first - suspectMs, waitOn);
            suspicion.raise();
          });
    const waiter: Waiter = { timer: first, reject };
    const isWaiting = (): boolean => this.#waiters.has(waiter);
    this.#waiters.add(waiter);
    try {
      return await Promise.race([send(isWaiting), gone]);
    } catch (error) {
      if (isWaiting() && connection === this.#connection) this.#goAway(error);
      throw error;
    } finally {
      waiter.timer.cancel();
      this.#waiters.delete(waiter);
    }
  }

  /** Whether it answers this link is known before anybody needs it. */
  async #askForOthers(): Promise<void> {
    if (this.#asksForOthers || this.#connection === undefined) return;
    this.#asksForOthers = true;
    await this.ask((connection) => connection.send(["PING"]))?.catch(() => undefined);
    this.#asksForOthers = false;
  }

  #goAway(error: unknown): void {
    if (this.#failure !== undefined || this.#closed) return;
    const { shown, sentence, said } = redisFailure(this.#options.url, error);
    this.#failure = shown;
    this.#options.tell(`${sentence} (${said})`);
    this.#connection?.destroy();
    this.#connection = undefined;
    this.#rejectAll(error);
    this.#tryLater();
  }

  #rejectAll(error: unknown): void {
    for (const { timer, reject } of this.#waiters) {
      timer.cancel();
      reject(error);
    }
    this.#waiters.clear();
  }

  #tryLater(): void {
    if (this.#closed || this.#attempt !== undefined) return;
    this.#retry = this.#options.clock.setTimer(retryMs, () => this.#try());
  }

  #try(): void {
    const attempt = this.#open();
    this.#attempt = attempt;
    attempt.then(
      (connection) => this.#use(connection),
      (error: unknown) => this.#failed(error),
    );
  }

  #use(connection: OpenedConnection): void {
    this.#attempt = undefined;
    this.#attempted = undefined;
    if (this.#closed) {
      connection.destroy();
      return;
    }
    const wasAway = this.#failure !== undefined;
    this.#connection = connection;
    this.#failure = undefined;
    if (wasAway) this.#options.tell(`Redis at ${new URL(this.#options.url).host} answers again.`);
    this.#options.back();
  }

  #failed(error: unknown): void {
    this.#attempt = undefined;
    this.#attempted = undefined;
    if (this.#closed) return;
    if (this.#failure === undefined) {
      this.#goAway(error);
      return;
    }
    this.#failure = redisFailure(this.#options.url, error).shown;
    this.#tryLater();
  }

  async #open(): Promise<OpenedConnection> {
    const { url, clock, check } = this.#options;
    const connection = openConnection({
      url,
      connectMs,
      lost: (error) => {
        if (connection === this.#connection) this.#goAway(error);
      },
    });
    this.#attempted = connection;
    try {
      await withinTime(connection.opened, { patienceMs: connectMs, clock });
      await withinTime(connection.send(["PING"]), { patienceMs: answerMs.first + answerMs.rest, clock });
      await withinTime(check(connection), { patienceMs: connectMs, clock });
      return connection;
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  async #end(connection: OpenedConnection): Promise<void> {
    await withinTime(connection.end(), { patienceMs: closeMs, clock: this.#options.clock }).catch(
      () => undefined,
    );
    connection.destroy();
  }
}
