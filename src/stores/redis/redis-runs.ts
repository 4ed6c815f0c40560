// The logs of runs in Redis: the gateway that runs a call writes what it gives, the others read it from there.

import type { Clock } from "../../core/clock.ts";
import type { ReportFault } from "../../core/errors.ts";
import { isUuid7 } from "../../core/ids.ts";
import type { RunHead, RunPublisher, SharedRun, SharedRuns } from "../../core/runs/shared-runs.ts";
import { redisFailure } from "./redis-failure.ts";
import { createRedisScripts, type RedisScripts } from "./redis-scripts.ts";
import type { RedisSuspicion } from "./redis-suspicion.ts";
import { RunOutbox } from "./runs-outbox.ts";
import { runScripts } from "./runs-scripts.ts";
import { RunWatch } from "./runs-watch.ts";
import { foundIn, keysOfRun } from "./runs-wire.ts";

export interface RedisRunsOptions {
  /** `REDIS_URL` */
  readonly url: string;
  readonly clock: Clock;
  /** For the log: that Redis went away, and that it is back. */
  readonly tell: (message: string) => void;
  readonly reportFault: ReportFault;
  readonly suspicion?: RedisSuspicion | undefined;
  /** Of one run: the oldest events go where there are more. */
  readonly maxBytes: number;
  /** How long a run is there after its end. */
  readonly keepSeconds: number;
  /** How long it is there when its gateway says nothing more; absent: 15 s. */
  readonly leaseMs?: number | undefined;
  /** What may wait for Redis, of all runs together; absent: 16 MiB. */
  readonly maxWaitingBytes?: number | undefined;
}

const defaultLeaseMs = 15_000;
const defaultWaitingBytes = 16_777_216;
/** A Redis that is nearly full takes some and refuses some: the log hears of it so often. */
const tellMs = 60_000;

export const createRedisRuns = (options: RedisRunsOptions): SharedRuns => new RedisRuns(options);

class RedisRuns implements SharedRuns {
  readonly #options: RedisRunsOptions;
  readonly #scripts: RedisScripts;
  readonly #outbox: RunOutbox;
  readonly #watch: RunWatch;
  /** Why it does not take what runs give, as Redis said it. */
  #refusal: string | undefined;
  #toldAtMs = -Infinity;

  constructor(options: RedisRunsOptions) {
    this.#options = options;
    const { url, clock, tell, suspicion, reportFault, maxBytes, keepSeconds } = options;
    const scripts = createRedisScripts({ url, clock, scripts: Object.values(runScripts), tell, suspicion });
    this.#scripts = scripts;
    this.#watch = new RunWatch({ scripts, clock });
    this.#outbox = new RunOutbox({
      scripts,
      clock,
      reportFault,
      maxBytes,
      maxWaitingBytes: options.maxWaitingBytes ?? defaultWaitingBytes,
      keepMs: keepSeconds * 1_000,
      leaseMs: options.leaseMs ?? defaultLeaseMs,
      refused: (said) => this.#refused(said),
    });
  }

  publish(head: RunHead): RunPublisher {
    return isUuid7(head.id) ? this.#outbox.publish(head) : toNobody;
  }

  async find(id: string): Promise<SharedRun | undefined> {
    if (!isUuid7(id)) return undefined;
    const [key] = keysOfRun(id);
    try {
      const reply = await this.#scripts.evalScript(runScripts.find, { keys: [key], args: [] });
      return this.#found(reply, id);
    } catch {
      return undefined;
    }
  }

  problems(): readonly string[] {
    const failure = this.#scripts.failure() ?? this.#failureOf(this.#refusal)?.shown;
    if (failure === undefined) return [];
    return [`${failure} Until then, a stream can only be resumed at the gateway that runs it.`];
  }

  async close(): Promise<void> {
    this.#watch.close();
    await this.#outbox.close();
    await this.#scripts.close();
  }

  #found(reply: unknown, id: string): SharedRun | undefined {
    const found = foundIn(reply, id);
    if (found === undefined) return undefined;
    const { head, nextSequence, hasEnded } = found;
    return {
      head,
      nextSequence,
      ended: hasEnded,
      steps: (afterSequence, signal) => this.#watch.steps({ id, fromSequence: afterSequence + 1, signal }),
    };
  }

  #refused(said: string | undefined): void {
    this.#refusal = said;
    const failure = this.#failureOf(said);
    const nowMs = this.#options.clock.monotonicMs();
    if (failure === undefined || nowMs - this.#toldAtMs < tellMs) return;
    this.#toldAtMs = nowMs;
    this.#options.tell(`${failure.sentence} (${failure.said})`);
  }

  #failureOf(said: string | undefined): ReturnType<typeof redisFailure> | undefined {
    if (said === undefined) return undefined;
    // Older ones say first where in the script it was.
    const code = said.search(/\b(?:OOM|READONLY|MISCONF|NOPERM)\b/);
    return redisFailure(this.#options.url, new Error(said.slice(Math.max(0, code))));
  }
}

/** Of a run without an id of ours, which nobody could ask for. */
const toNobody: RunPublisher = { append() {}, end() {} };
