// Budgets that several gateways share in Redis. While it is away, each of them spends its part of what was left, or
// refuses; what calls hold and what they paid meanwhile is told when it is back.

import type {
  BudgetAccount,
  BudgetDecision,
  BudgetReservation,
  BudgetSettlement,
  BudgetStanding,
  BudgetStore,
  OnSoftLimit,
  Spend,
} from "../../core/budgets/budget-store.ts";
import type { Clock } from "../../core/clock.ts";
import { GatewayError } from "../../core/errors.ts";
import { readStanding } from "../read-spend.ts";
import { BudgetLoad, RedisAway } from "./budgets-load.ts";
import { LocalShare } from "./budgets-local-share.ts";
import { budgetScripts } from "./budgets-scripts.ts";
import { ToldLater } from "./budgets-told-later.ts";
import {
  keysOf,
  limitText,
  listIn,
  type NumberedReservation,
  textOf,
  type ToldAccount,
  toldIn,
} from "./budgets-wire.ts";
import type { RedisScripts } from "./redis-scripts.ts";

export interface RedisBudgetOptions {
  /** Told `allBudgetScripts`; closed by whoever made it. */
  readonly scripts: RedisScripts;
  readonly spend: Spend;
  readonly clock: Clock;
  readonly newId: () => string;
  /** `SLUICE_NODES`: how many gateways share the budgets. */
  readonly nodes: number;
  /** `REDIS_FAILURE`: while Redis is away, `open` serves within a share of what is left, `closed` refuses. */
  readonly policy: "open" | "closed";
  readonly onSoftLimit?: OnSoftLimit | undefined;
  /** After how long the records are read again, by one of the gateways; absent: a minute. */
  readonly staleMs?: number | undefined;
  /** How long after its call's deadline a reservation ends whose process has died; absent: a minute. */
  readonly leaseAfterMs?: number | undefined;
}

/** Redis does so many within the time for an answer, also where it has other things to do. */
const toldAtOnce = 100;

export const allBudgetScripts = Object.values(budgetScripts);

export const createRedisBudgets = (options: RedisBudgetOptions): BudgetStore => new RedisBudgets(options);

class RedisBudgets implements BudgetStore {
  readonly #options: RedisBudgetOptions;
  readonly #staleMs: number;
  readonly #leaseAfterMs: number;
  readonly #load: BudgetLoad;
  readonly #share: LocalShare;
  readonly #later: ToldLater;
  #reservations = 0;

  constructor(options: RedisBudgetOptions) {
    const { scripts, spend, clock, newId, nodes, staleMs = 60_000, leaseAfterMs = 60_000 } = options;
    this.#options = options;
    this.#staleMs = staleMs;
    this.#leaseAfterMs = leaseAfterMs;
    this.#load = new BudgetLoad({ scripts, spend, clock, newId, staleMs });
    this.#share = new LocalShare({
      clock,
      nodes,
      read: (account) => readStanding(account, { spend, clock }),
    });
    this.#later = new ToldLater(scripts);
    scripts.whenBack(() => {
      // First, as it is to let nobody in before.
      void this.#tellHeld(this.#share.untold());
      this.#later.tellAgain();
    });
  }

  async reserve(asked: BudgetReservation): Promise<BudgetDecision> {
    this.#reservations += 1;
    const reservation = { ...asked, number: this.#reservations };
    let mayBeHeld: boolean;
    try {
      return (await this.#ask(reservation)) ?? (await this.#afterLoading(reservation));
    } catch (error) {
      const isLimited = reservation.holds.some(({ hardNanos }) => hardNanos !== undefined);
      if (!isLimited) return uncounted(reservation);
      if (error instanceof GatewayError) throw error;
      mayBeHeld = !(error instanceof RedisAway);
    }
    return this.#decideAlone(reservation, mayBeHeld);
  }

  settle(settlement: BudgetSettlement): void {
    const wasLocal = this.#share.settle(settlement);
    const { id, createdAtMs, holds, paidNanos } = settlement;
    const args = [id, String(createdAtMs), textOf(paidNanos), wasLocal ? "1" : "0"];
    for (const { softNanos } of holds) args.push(limitText(softNanos));
    this.#later.tell({
      script: budgetScripts.settle,
      call: { keys: keysOf(holds.map(({ account }) => account)), args },
      answered: (reply) => this.#hear(settlement, toldIn(reply, holds.length)),
    });
  }

  async standing(account: BudgetAccount): Promise<BudgetStanding> {
    try {
      const told = await this.#standing(account);
      if (told?.standing !== undefined && !told.isDue) return told.standing;
      if (told?.standing !== undefined) {
        await this.#load.load(account);
        const again = await this.#standing(account);
        if (again?.standing !== undefined) return again.standing;
      }
    } catch (error) {
      if (error instanceof GatewayError) throw error;
    }
    const { spend, clock } = this.#options;
    return readStanding(account, { spend, clock });
  }

  problems(): readonly string[] {
    const { scripts, policy, nodes } = this.#options;
    const problems: string[] = [];
    const failure = scripts.failure();
    if (failure !== undefined) {
      const meanwhile =
        policy === "closed"
          ? "Until it is back, calls that have budgets are answered unavailable (REDIS_FAILURE=closed)."
          : `Until it is back, this gateway spends its part of what was left of budgets (SLUICE_NODES=${nodes}).`;
      problems.push(`${failure} ${meanwhile}`);
    }
    const failing = this.#load.failing();
    if (failing > 0) {
      problems.push(`What was spent cannot be read from the records for budgets in use: ${failing}.`);
    }
    return problems;
  }

  async close(): Promise<void> {
    await this.#later.close();
  }

  /** Undefined: an account has to be read first. @throws Error where Redis is away */
  async #ask(reservation: NumberedReservation): Promise<BudgetDecision | undefined> {
    const asked = this.#send(reservation, "within limits");
    if (asked === undefined) throw new RedisAway();
    const [refused, ...rest] = listIn(await asked);
    const told = toldIn(rest, reservation.holds.length);
    this.#hear(reservation, told);
    if (typeof refused !== "number" || refused < 0) return undefined;
    const standings = told.flatMap(({ standing }) => standing ?? []);
    return { allowed: refused === 0, standings, refused: refused === 0 ? undefined : refused - 1 };
  }

  #send(reservation: NumberedReservation, how: "within limits" | "anyway"): Promise<unknown> | undefined {
    const { id, createdAtMs, holds, nanos, endsInMs, number } = reservation;
    const leaseMs = Math.ceil(endsInMs + this.#leaseAfterMs);
    const args = [id, String(createdAtMs), textOf(nanos), String(leaseMs), String(this.#staleMs)];
    args.push(String(number), how === "anyway" ? "1" : "0");
    for (const { hardNanos, softNanos } of holds) args.push(limitText(hardNanos), limitText(softNanos));
    const keys = keysOf(holds.map(({ account }) => account));
    return this.#options.scripts.evalScript(budgetScripts.reserve, { keys, args });
  }

  async #afterLoading(reservation: NumberedReservation): Promise<BudgetDecision> {
    await Promise.all(reservation.holds.map(({ account }) => this.#load.load(account)));
    const decision = await this.#ask(reservation);
    if (decision !== undefined) return decision;
    throw new Error("Redis has forgotten an account that it was just told.");
  }

  #hear({ holds }: Pick<BudgetReservation, "holds">, told: readonly ToldAccount[]): void {
    for (const [i, { standing, crossedSoft, isDue }] of told.entries()) {
      const hold = holds[i];
      if (hold === undefined || standing === undefined) continue;
      const { account, softNanos } = hold;
      this.#share.heard(account, standing);
      if (crossedSoft && softNanos !== undefined)
        this.#options.onSoftLimit?.({ account, softNanos, standing });
      // Behind the calls: until it is read, what is known holds.
      if (isDue) this.#load.load(account).catch(() => undefined);
    }
  }

  /** `mayBeHeld`: Redis was asked, and did not answer in time. */
  async #decideAlone(reservation: NumberedReservation, mayBeHeld: boolean): Promise<BudgetDecision> {
    let isLetIn = false;
    try {
      if (this.#options.policy === "closed") throw away();
      const decision = await this.#share.reserve(reservation);
      isLetIn = decision.allowed;
      return decision;
    } finally {
      if (!isLetIn && mayBeHeld) this.#takeBack(reservation);
      // It may be back since it was asked.
      if (isLetIn && this.#options.scripts.failure() === undefined) void this.#tellHeld([reservation]);
    }
  }

  #takeBack({ id, holds, nanos, number }: NumberedReservation): void {
    this.#later.tell({
      script: budgetScripts.takeBack,
      call: {
        keys: keysOf(holds.map(({ account }) => account)),
        args: [id, String(number), textOf(nanos)],
      },
      answered: (reply) => this.#hear({ holds }, toldIn(reply, holds.length)),
    });
  }

  /** What Redis does not take is told when it is back the next time. */
  async #tellHeld(untold: readonly NumberedReservation[]): Promise<void> {
    for (let i = 0; i < untold.length; i += toldAtOnce) {
      const some = untold.slice(i, i + toldAtOnce).filter((each) => this.#share.holds(each));
      const answers = await Promise.allSettled(some.map((each) => this.#tellOneHeld(each)));
      if (answers.some(({ status }) => status === "rejected")) return;
    }
  }

  /** A settlement that is sent meanwhile comes behind it, or leaves a mark for it. */
  async #tellOneHeld(reservation: NumberedReservation): Promise<void> {
    const asked = this.#send(reservation, "anyway");
    if (asked === undefined) throw new RedisAway();
    const [, ...rest] = listIn(await asked);
    this.#share.told(reservation);
    this.#hear(reservation, toldIn(rest, reservation.holds.length));
  }

  async #standing(account: BudgetAccount): Promise<ToldAccount | undefined> {
    const call = { keys: keysOf([account]), args: [String(this.#staleMs)] };
    const asked = this.#options.scripts.evalScript(budgetScripts.standing, call);
    return asked === undefined ? undefined : toldIn(await asked, 1)[0];
  }
}

/** The records tell what it paid, when they are read again. */
const uncounted = ({ holds }: BudgetReservation): BudgetDecision => ({
  allowed: true,
  standings: holds.map(() => ({ spentNanos: 0n, reservedNanos: 0n })),
  refused: undefined,
});

const away = (): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message: "Budgets cannot be looked at: Redis does not answer. Send the call again later.",
    retryAfterMs: 1_000,
  });
