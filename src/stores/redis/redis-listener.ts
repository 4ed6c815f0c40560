// A connection to Redis that listens: made again when it is lost, with all that is subscribed then. Whether it still hears
// anything is asked every few seconds, as nothing else would tell that it does not.

import type { Clock, Timer } from "../../core/clock.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Heard } from "../../core/signals.ts";
import { type OpenedConnection, openConnection } from "./redis-connection.ts";
import { redisFailure, SlowRedisError } from "./redis-failure.ts";

export interface RedisListenerOptions {
  readonly url: string;
  readonly clock: Clock;
  /** For the log: that it hears nothing any more, and that it does again. */
  readonly tell: (message: string) => void;
}

const retryMs = 1_000;
const connectMs = 2_000;
const answerMs = 2_000;
const pingEveryMs = 5_000;
const subscriptionsMax = 10_000;
/** Longer than any that is said here. */
const heardMaxChars = 4_096;
/** Always listened to: a connection that listens to none goes back to taking commands. */
const nobodysChannel = "sluice:nobody";

export class RedisListener {
  readonly #options: RedisListenerOptions;
  readonly #heards = new Map<string, Set<Heard>>();
  /** What the connection hears. */
  readonly #inForce = new Set<string>();
  #subscriptions = 0;
  /** The one that listens. */
  #connection: OpenedConnection | undefined;
  /** The one that may become it. */
  #attempt: OpenedConnection | undefined;
  /** Until the next ping, or the next try. */
  #timer: Timer | undefined;
  readonly #waits = new Set<Timer>();
  #isAway = false;
  #isClosed = false;

  constructor(options: RedisListenerOptions) {
    this.#options = options;
    this.#connect();
  }

  /** @throws GatewayError `overloaded` */
  subscribe(channel: string, heard: Heard): () => void {
    if (this.#subscriptions >= subscriptionsMax) throw tooMany();
    this.#subscriptions += 1;
    // Of one that is given twice, each has its own end.
    const own: Heard = (text) => heard(text);
    const others = this.#heards.get(channel);
    if (others === undefined) {
      this.#heards.set(channel, new Set([own]));
      if (this.#connection !== undefined) this.#listen(this.#connection, [channel]);
    } else {
      others.add(own);
      if (this.#inForce.has(channel)) queueMicrotask(() => others.has(own) && own(undefined));
    }
    return () => this.#end(channel, own);
  }

  close(): void {
    this.#isClosed = true;
    this.#heards.clear();
    this.#letGo();
  }

  #end(channel: string, own: Heard): void {
    const heards = this.#heards.get(channel);
    if (heards?.delete(own) !== true) return;
    this.#subscriptions -= 1;
    if (heards.size > 0) return;
    this.#heards.delete(channel);
    this.#inForce.delete(channel);
    const connection = this.#connection;
    if (connection !== undefined) void this.#inTime(connection, connection.unsubscribe(channel), () => {});
  }

  #connect(): void {
    const { url } = this.#options;
    const attempt = openConnection({ url, connectMs, lost: (error) => this.#lose(attempt, error) });
    this.#attempt = attempt;
    void this.#inTime(attempt, attempt.opened, () => {
      this.#attempt = undefined;
      this.#connection = attempt;
      this.#listen(attempt, [nobodysChannel, ...this.#heards.keys()]);
      this.#pingLater(attempt);
    });
  }

  #listen(connection: OpenedConnection, channels: readonly string[]): void {
    const asked = channels.map((channel) => [channel, this.#heards.get(channel)] as const);
    const subscribed = connection.subscribe(channels, (text, channel) =>
      this.#tell(channel, text.length > heardMaxChars ? undefined : text),
    );
    void this.#inTime(connection, subscribed, () => {
      if (this.#isAway) this.#options.tell(`Redis at ${this.#host()} is listened to again.`);
      this.#isAway = false;
      for (const [channel, heards] of asked) {
        // Where all have ended meanwhile and others have begun, theirs is still under way.
        if (heards === undefined || heards !== this.#heards.get(channel)) continue;
        this.#inForce.add(channel);
        // What was said before is lost.
        this.#tell(channel, undefined);
      }
    });
  }

  #tell(channel: string, text: string | undefined): void {
    for (const heard of this.#heards.get(channel) ?? []) heard(text);
  }

  #pingLater(connection: OpenedConnection): void {
    this.#timer = this.#options.clock.setTimer(pingEveryMs, () => {
      void this.#inTime(connection, connection.send(["PING"]), () => this.#pingLater(connection));
    });
  }

  /** `then`, unless the connection is another by then; one that does not answer is lost. */
  async #inTime(connection: OpenedConnection, answer: Promise<unknown>, then: () => void): Promise<void> {
    const late = this.#options.clock.setTimer(answerMs, () => this.#lose(connection, new SlowRedisError()));
    this.#waits.add(late);
    try {
      await answer;
    } catch (error) {
      this.#lose(connection, error);
      return;
    } finally {
      late.cancel();
      this.#waits.delete(late);
    }
    if (this.#isOurs(connection)) then();
  }

  #lose(connection: OpenedConnection, error: unknown): void {
    if (!this.#isOurs(connection)) return;
    this.#letGo();
    if (!this.#isAway) {
      const { sentence, said } = redisFailure(this.#options.url, error);
      this.#options.tell(`${sentence} Until it is back, other gateways are heard late. (${said})`);
    }
    this.#isAway = true;
    this.#timer = this.#options.clock.setTimer(retryMs, () => this.#connect());
  }

  #letGo(): void {
    this.#timer?.cancel();
    for (const late of this.#waits) late.cancel();
    this.#waits.clear();
    this.#inForce.clear();
    this.#attempt?.destroy();
    this.#connection?.destroy();
    this.#attempt = undefined;
    this.#connection = undefined;
  }

  #isOurs(connection: OpenedConnection): boolean {
    return !this.#isClosed && (connection === this.#connection || connection === this.#attempt);
  }

  #host(): string {
    return new URL(this.#options.url).host;
  }
}

const tooMany = (): GatewayError =>
  new GatewayError({
    code: "overloaded",
    message: "Too many streams are followed at the moment. Try again.",
    retryAfterMs: 1_000,
  });
