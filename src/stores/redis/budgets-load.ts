// Reading what was spent from the records into Redis: one gateway at a time, and the others wait for it.

import type { BudgetAccount, Spend } from "../../core/budgets/budget-store.ts";
import type { Clock } from "../../core/clock.ts";
import { GatewayError } from "../../core/errors.ts";
import { spendPatienceMs, spendRestMs, spendUnknown } from "../spend-unknown.ts";
import { withinTime } from "../within-time.ts";
import { budgetScripts } from "./budgets-scripts.ts";
import { keyOf, keysOf, listIn, textOf } from "./budgets-wire.ts";
import type { RedisScripts } from "./redis-scripts.ts";

export interface BudgetLoadOptions {
  readonly scripts: RedisScripts;
  readonly spend: Spend;
  readonly clock: Clock;
  readonly newId: () => string;
  /** After how long records are read again. */
  readonly staleMs: number;
}

/** Calls are this long under way at most, but for few, and their records are written by then. */
const windowMs = 900_000;
const minuteMs = 60_000;
/** An account that nobody has asked for again is not in use. */
const failedMs = 60_000;
/** Longer than the records are waited for: who died in its turn holds nobody up for longer. */
const turnMs = 15_000;
const pollMs = 20;
/** An account's keys stay for a while after its month: calls may still be under way. */
const keptAfterMonthMs = 2 * 86_400_000;

export class BudgetLoad {
  readonly #options: BudgetLoadOptions;
  readonly #loading = new Map<string, Promise<void>>();
  /** When the records could not be read, by account, until they can be or it is long ago. */
  readonly #failedAtMs = new Map<string, number>();

  constructor(options: BudgetLoadOptions) {
    this.#options = options;
  }

  failing(): number {
    this.#forgetFailures();
    return this.#failedAtMs.size;
  }

  /**
   * Resolves when the account is known in Redis, and not for too long.
   * @throws GatewayError `unavailable` where the records cannot be read; another error where Redis went away
   */
  load(account: BudgetAccount): Promise<void> {
    const key = keyOf(account);
    const failedAtMs = this.#failedAtMs.get(key);
    if (failedAtMs !== undefined && this.#options.clock.monotonicMs() - failedAtMs < spendRestMs) {
      return Promise.reject(spendUnknown());
    }
    const before = this.#loading.get(key);
    if (before !== undefined) return before;
    const loading = this.#load(account, key).finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  async #load(account: BudgetAccount, key: string): Promise<void> {
    const { clock, newId } = this.#options;
    const untilMs = clock.monotonicMs() + turnMs;
    const turn = newId();
    try {
      while (!(await this.#take(account, turn))) {
        if (clock.monotonicMs() >= untilMs) throw spendUnknown();
        await new Promise<void>((resolve) => void clock.setTimer(pollMs, resolve));
      }
      this.#failedAtMs.delete(key);
    } catch (error) {
      if (error instanceof GatewayError) {
        this.#forgetFailures();
        // Behind all earlier ones, also where it is one of them.
        this.#failedAtMs.delete(key);
        this.#failedAtMs.set(key, clock.monotonicMs());
      }
      throw error;
    }
  }

  #forgetFailures(): void {
    const untilMs = this.#options.clock.monotonicMs() - failedMs;
    for (const [key, failedAtMs] of this.#failedAtMs) {
      if (failedAtMs > untilMs) return;
      this.#failedAtMs.delete(key);
    }
  }

  /** Gives whether the account is known; where it is somebody else's turn it is not. */
  async #take(account: BudgetAccount, turn: string): Promise<boolean> {
    const { clock, staleMs } = this.#options;
    const nowMs = clock.epochMs();
    const windowCutMs = Math.floor((nowMs - windowMs) / minuteMs) * minuteMs;
    const args = [turn, nowMs + 1, windowCutMs, staleMs, turnMs].map(String);
    const [outcome, cut, ...underWay] = listIn(await this.#run("beginLoad", account, args));
    if (outcome === "fresh") return true;
    if (outcome === "busy") return false;
    const toMs = Math.min(account.toMs, Number(cut));
    let spentNanos: bigint;
    try {
      const asked = this.#options.spend.spentNanos({ ...account, toMs }, underWay.map(String));
      spentNanos = await withinTime(asked, { clock, patienceMs: spendPatienceMs });
    } catch (error) {
      await this.#run("endLoad", account, [turn, "", "0"]);
      throw spendUnknown(error);
    }
    const keptMs = Math.max(0, account.toMs - nowMs) + keptAfterMonthMs;
    return (await this.#run("endLoad", account, [turn, textOf(spentNanos), String(keptMs)])) === 1;
  }

  #run(name: "beginLoad" | "endLoad", account: BudgetAccount, args: readonly string[]): Promise<unknown> {
    const call = { keys: keysOf([account]), args };
    return this.#options.scripts.evalScript(budgetScripts[name], call) ?? Promise.reject(new RedisAway());
  }
}

export class RedisAway extends Error {
  override readonly name = "RedisAway";

  constructor() {
    super("Redis is away.");
  }
}
