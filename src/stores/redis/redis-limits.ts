// Rate limits and places of streams that several gateways share in Redis. While Redis is away, each of them keeps its
// part of every limit in its own memory, or refuses.

import type { Clock, Timer } from "../../core/clock.ts";
import { GatewayError, type ReportFault } from "../../core/errors.ts";
import { HeldPlaces } from "../../core/limits/held-places.ts";
import type { LimitDecision, LimitStore, StreamPlace, Take } from "../../core/limits/limit-store.ts";
import { createMemoryLimits } from "../memory/memory-limits.ts";
import { correctScript, enterScript, renewScript, takeScript } from "./limit-scripts.ts";
import { LeftPlaces } from "./left-places.ts";
import { createLocalShare, type LocalShare } from "./local-share.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { createRedisLink, type RedisLink } from "./redis-link.ts";
import type { RedisSuspicion } from "./redis-suspicion.ts";

export interface RedisLimitsOptions {
  /** `REDIS_URL` */
  readonly url: string;
  /** `SLUICE_NODES`: how many gateways share the limits. */
  readonly nodes: number;
  /** `REDIS_FAILURE`: while Redis is away, `open` serves within a share of the limits, `closed` refuses. */
  readonly policy: "open" | "closed";
  /** For the time that answers may take, and for the share; limits go by Redis' own clock. */
  readonly clock: Clock;
  readonly reportFault: ReportFault;
  /** For the log: that Redis went away, and that it is back. */
  readonly tell: (message: string) => void;
  readonly suspicion?: RedisSuspicion | undefined;
  /** In place of Redis' own clock. */
  readonly nowMs?: (() => number) | undefined;
}

/** A place is free again after so long, unless it is renewed. */
const leaseMs = 60_000;
const renewMs = 20_000;
const placesAtOnce = 1_000;
/** Keys are kept a little longer than needed, so that they are never gone too soon. */
const keepMs = 1_000;
/** Another clock may stand still. */
const keepForOtherClockMs = 3_600_000;

const scripts = [takeScript, correctScript, enterScript, renewScript];

export const createRedisLimits = (options: RedisLimitsOptions): LimitStore => new RedisLimits(options);

class RedisLimits implements LimitStore {
  readonly #options: RedisLimitsOptions;
  readonly #link: RedisLink;
  readonly #share: LocalShare;
  readonly #held = new HeldPlaces();
  readonly #left = new LeftPlaces();
  #renewal: Timer | undefined;
  #closed = false;

  constructor(options: RedisLimitsOptions) {
    this.#options = options;
    const { url, clock, tell, suspicion, nodes } = options;
    this.#share = createLocalShare({ limits: createMemoryLimits({ clock }), held: this.#held, nodes });
    this.#link = createRedisLink({
      url,
      clock,
      tell,
      suspicion,
      check: (connection) => this.#check(connection),
      // What Redis has lost it is told again.
      back: () => {
        this.#renew();
        this.#tellLeft();
      },
    });
  }

  take(takes: readonly Take[]): LimitDecision | Promise<LimitDecision> {
    const keys = takes.map(({ bucket }) => keyOf(bucket.key));
    const args = [...this.#timeArgs(), ...takes.flatMap(numbersOf)];
    const asked = this.#link.ask(async (connection) => {
      const reply = numbersIn(await takeScript.run(connection, { keys, args }));
      return this.#understood(() => decisionOf(reply, takes));
    });
    const alone = () => this.#alone(() => this.#share.take(takes));
    return asked === undefined ? alone() : asked.catch(alone);
  }

  correct(takes: readonly Take[]): void {
    const elsewhere = this.#share.correct(takes);
    if (elsewhere.length === 0) return;
    const keys = elsewhere.map(({ bucket }) => keyOf(bucket.key));
    const args = [...this.#timeArgs(), ...elsewhere.flatMap(numbersOf)];
    // What cannot be given back comes back with time.
    this.#link.ask((connection) => correctScript.run(connection, { keys, args }))?.catch(() => undefined);
  }

  enter(places: readonly StreamPlace[], id: string): number | undefined | Promise<number | undefined> {
    const keys = places.map(({ key }) => keyOf(key));
    const limits = places.map(({ limit }) => String(limit));
    const args = [...this.#timeArgs(), String(leaseMs), id, ...limits];
    const asked = this.#link.ask(async (connection) => {
      const [refused = 0] = numbersIn([await enterScript.run(connection, { keys, args })]);
      return refused === 0 ? undefined : refused - 1;
    });
    const hold = (refused: number | undefined): number | undefined => {
      if (refused === undefined) this.#hold(places, id);
      return refused;
    };
    const alone = () => this.#alone(() => hold(this.#share.refusedPlace(places, id)));
    if (asked === undefined) return alone();
    return asked.then(hold, () => {
      // It may have got there all the same.
      this.#left.add(places, id);
      return alone();
    });
  }

  leave(places: readonly StreamPlace[], id: string): void {
    this.#held.leave(places, id);
    for (const place of places) this.#free(place.key, [id]);
  }

  problems(): readonly string[] {
    const failure = this.#link.failure();
    if (failure === undefined) return [];
    const { policy, nodes } = this.#options;
    const meanwhile =
      policy === "closed"
        ? "Until it is back, calls that have limits are answered unavailable (REDIS_FAILURE=closed)."
        : `Until it is back, this gateway keeps limits alone, divided by SLUICE_NODES=${nodes}.`;
    return [`${failure} ${meanwhile}`];
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#renewal?.cancel();
    await this.#link.close();
  }

  /** Of what the policy allows without Redis. */
  #alone<T>(decide: () => T): T | Promise<never> {
    return this.#options.policy === "closed" ? Promise.reject(withoutRedis()) : decide();
  }

  #timeArgs(): readonly [now: string, keep: string] {
    const { nowMs } = this.#options;
    return nowMs === undefined
      ? ["", String(keepMs)]
      : [String(Math.floor(nowMs() * 1_000)), String(keepForOtherClockMs)];
  }

  /** A decision such as it will be asked for; it writes, which a server that is full does not let it. */
  async #check(connection: RedisConnection): Promise<void> {
    await Promise.all(scripts.map((script) => script.load(connection)));
    const args = ["", String(keepMs), "1000000", "1"];
    await takeScript.run(connection, { keys: [keyOf("{check}")], args });
  }

  #hold(places: readonly StreamPlace[], id: string): void {
    this.#held.hold(places, id);
    this.#renewLater();
  }

  #renewLater(): void {
    if (this.#renewal !== undefined || this.#closed) return;
    this.#renewal = this.#options.clock.setTimer(renewMs, () => {
      this.#renewal = undefined;
      this.#renew();
      if (!this.#held.isEmpty()) this.#renewLater();
    });
  }

  #free(key: string, ids: readonly string[]): void {
    const later = (): void => ids.forEach((id) => this.#left.add([{ key, limit: 1 }], id));
    const asked = this.#link.ask((connection) => connection.send(["ZREM", keyOf(key), ...ids]));
    if (asked === undefined) later();
    else asked.catch(later);
  }

  /** Of those that nobody holds by now. */
  #tellLeft(): void {
    const held = new Map(this.#held.all());
    for (const [key, left] of this.#left.takeAll()) {
      const ids = left.filter((id) => held.get(key)?.has(id) !== true);
      for (let from = 0; from < ids.length; from += placesAtOnce) {
        this.#free(key, ids.slice(from, from + placesAtOnce));
      }
    }
  }

  #renew(): void {
    for (const [key, holders] of this.#held.all()) {
      const ids = [...holders];
      for (let from = 0; from < ids.length; from += placesAtOnce) {
        const args = [...this.#timeArgs(), String(leaseMs), ...ids.slice(from, from + placesAtOnce)];
        this.#link
          .ask((connection) => renewScript.run(connection, { keys: [keyOf(key)], args }))
          ?.catch(() => undefined);
      }
    }
  }

  #understood<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      this.#options.reportFault(error, {});
      throw error;
    }
  }
}

const keyOf = (key: string): string => `sluice:${key}`;

const numbersOf = ({ bucket, cost }: Take): readonly string[] => [String(bucket.limit), String(cost)];

function numbersIn(reply: unknown): readonly number[] {
  if (Array.isArray(reply) && reply.every((each) => typeof each === "number")) return reply;
  throw new Error("A script's answer was not of numbers.");
}

function decisionOf(reply: readonly number[], takes: readonly Take[]): LimitDecision {
  const [refused, retryAfterMs, ...told] = reply;
  if (refused === undefined || retryAfterMs === undefined || told.length !== 2 * takes.length) {
    throw new Error("The script of limits did not answer for each bucket.");
  }
  const states = takes.map(({ bucket }, index) => ({
    limit: bucket.limit,
    remaining: told[2 * index] ?? 0,
    resetMs: told[2 * index + 1] ?? 0,
  }));
  return { allowed: refused === 0, states, refused: refused === 0 ? undefined : refused - 1, retryAfterMs };
}

const withoutRedis = (): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message: "The gateway cannot reach what its limits are kept in. Send the call again in a second.",
    retryAfterMs: 1_000,
  });
