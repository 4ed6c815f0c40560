// Budgets of one gateway, in memory. An account is read from the records when it is first used; on the way of a call
// whose accounts are known there is no promise.

import type {
  BudgetAccount,
  BudgetDecision,
  BudgetReservation,
  BudgetSettlement,
  BudgetStanding,
  BudgetStore,
  OnSoftLimit,
  OpenCallsOfAccount,
  Spend,
} from "../../core/budgets/budget-store.ts";
import type { Clock } from "../../core/clock.ts";
import { readStanding } from "../read-spend.ts";
import { AccountInMemory, type AccountPorts } from "./budgets-account.ts";

export interface MemoryBudgetOptions {
  readonly spend: Spend;
  readonly clock: Clock;
  /** Absent: none but those that reserve. */
  readonly openCalls?: OpenCallsOfAccount | undefined;
  readonly onSoftLimit?: OnSoftLimit | undefined;
  /** How often accounts in use are read again. Absent: nobody else writes records, so what was read stays true. */
  readonly rereadMs?: number | undefined;
}

/** What is unused for so long is forgotten; sooner where there are more than many. */
const idleMs = { usual: 3_600_000, ofMany: 60_000 } as const;
const many = 50_000;
/** How many accounts each new one looks at, to forget those that are unused: so nobody waits for a look at all. */
const sweptEach = 4;
/** Of an account that no call has used for so long, a report reads the records. */
const freshMs = 60_000;

interface Reserved {
  readonly states: readonly AccountInMemory[];
  nanos: bigint;
}

export const createMemoryBudgets = (options: MemoryBudgetOptions): BudgetStore => new MemoryBudgets(options);

class MemoryBudgets implements BudgetStore {
  readonly #clock: Clock;
  readonly #rereadMs: number;
  readonly #ports: AccountPorts;
  readonly #accounts = new Map<string, AccountInMemory>();
  /** The same by the object that a caller uses again and again; a state that was dropped is not in `#accounts`. */
  readonly #known = new WeakMap<BudgetAccount, AccountInMemory>();
  readonly #reserved = new Map<string, Reserved>();
  #sweep = this.#accounts.entries();

  constructor({ spend, clock, openCalls = () => [], onSoftLimit = () => {}, rereadMs }: MemoryBudgetOptions) {
    this.#clock = clock;
    this.#rereadMs = rereadMs ?? Infinity;
    this.#ports = { spend, clock, openCalls, onSoftLimit };
  }

  reserve(reservation: BudgetReservation): BudgetDecision | Promise<BudgetDecision> {
    const nowMs = this.#clock.monotonicMs();
    const states: AccountInMemory[] = [];
    let areLoaded = true;
    let areFresh = true;
    for (const { account } of reservation.holds) {
      const state = this.#stateOf(account);
      state.usedAtMs = nowMs;
      areLoaded &&= state.isLoaded;
      areFresh &&= nowMs - state.readAtMs < this.#rereadMs;
      states.push(state);
    }
    if (!areLoaded) return this.#decideLater(reservation, states);
    const decision = this.#decide(reservation, states);
    if (!areFresh) for (const state of states) this.#reread(state, nowMs);
    return decision;
  }

  settle({ id, createdAtMs, holds, paidNanos }: BudgetSettlement): void {
    const reserved = this.#reserved.get(id);
    if (reserved === undefined) return;
    this.#reserved.delete(id);
    for (let i = 0; i < reserved.states.length; i += 1) {
      const state = reserved.states[i];
      if (state === undefined) continue;
      const before = state.spentNanos + state.reservedNanos;
      state.reservedNanos -= reserved.nanos;
      state.holders -= 1;
      state.settled(createdAtMs, paidNanos);
      state.watchSoft(holds[i]?.softNanos, before);
    }
  }

  async standing(account: BudgetAccount): Promise<BudgetStanding> {
    const state = this.#accounts.get(keyOf(account));
    if (state === undefined) return readStanding(account, this.#ports);
    const isFresh = state.holders > 0 || this.#clock.monotonicMs() - state.usedAtMs < freshMs;
    if (!state.isLoaded || !isFresh) await this.#load(state);
    return state.standing();
  }

  problems(): readonly string[] {
    let failing = 0;
    for (const state of this.#accounts.values()) if (state.hasFailed()) failing += 1;
    if (failing === 0) return [];
    return [`What was spent cannot be read from the records for budgets in use: ${failing}.`];
  }

  async close(): Promise<void> {
    this.#accounts.clear();
  }

  async #decideLater(
    reservation: BudgetReservation,
    states: readonly AccountInMemory[],
  ): Promise<BudgetDecision> {
    try {
      await Promise.all(states.filter(({ isLoaded }) => !isLoaded).map((state) => this.#load(state)));
    } catch (error) {
      if (reservation.holds.some(({ hardNanos }) => hardNanos !== undefined)) throw error;
      // Nothing is counted: when it can be read again, the call is among those under way.
      return { allowed: true, standings: states.map((state) => state.standing()), refused: undefined };
    }
    return this.#decide(reservation, states);
  }

  #decide(reservation: BudgetReservation, states: readonly AccountInMemory[]): BudgetDecision {
    const { holds, nanos } = reservation;
    for (let i = 0; i < states.length; i += 1) {
      const state = states[i];
      const hard = holds[i]?.hardNanos;
      if (state === undefined || hard === undefined) continue;
      if (state.spentNanos + state.reservedNanos + nanos > hard) {
        return { allowed: false, standings: states.map((each) => each.standing()), refused: i };
      }
    }
    this.#hold(reservation, states);
    const standings: BudgetStanding[] = [];
    for (let i = 0; i < states.length; i += 1) {
      const state = states[i];
      if (state === undefined) continue;
      const before = state.spentNanos + state.reservedNanos;
      state.reservedNanos += nanos;
      state.watchSoft(holds[i]?.softNanos, before);
      standings.push(state.standing());
    }
    return { allowed: true, standings, refused: undefined };
  }

  #hold({ id, createdAtMs, nanos }: BudgetReservation, states: readonly AccountInMemory[]): void {
    const before = this.#reserved.get(id);
    if (before !== undefined) {
      before.nanos += nanos;
      return;
    }
    this.#reserved.set(id, { states, nanos });
    for (const state of states) state.hold(id, createdAtMs);
  }

  #stateOf(account: BudgetAccount): AccountInMemory {
    const known = this.#known.get(account);
    if (known !== undefined && !known.isDropped) return known;
    const key = keyOf(account);
    const found = this.#accounts.get(key) ?? this.#open(key, account);
    this.#known.set(account, found);
    return found;
  }

  #open(key: string, account: BudgetAccount): AccountInMemory {
    this.#forgetUnused();
    const state = new AccountInMemory(account, this.#ports);
    this.#accounts.set(key, state);
    return state;
  }

  #forgetUnused(): void {
    const nowMs = this.#clock.monotonicMs();
    const unusedMs = this.#accounts.size > many ? idleMs.ofMany : idleMs.usual;
    for (let swept = 0; swept < sweptEach; swept += 1) {
      const next = this.#sweep.next();
      if (next.done === true) {
        this.#sweep = this.#accounts.entries();
        return;
      }
      const [key, state] = next.value;
      if (state.holders > 0 || state.isReading() || nowMs - state.usedAtMs < unusedMs) continue;
      state.isDropped = true;
      this.#accounts.delete(key);
    }
  }

  #load(state: AccountInMemory): Promise<void> {
    return state.load(() => {
      const ids: string[] = [];
      for (const [id, { states }] of this.#reserved) if (states.includes(state)) ids.push(id);
      return ids;
    });
  }

  /** Behind the calls: until it is read, what was read before holds; also where it fails, until the next time. */
  #reread(state: AccountInMemory, nowMs: number): void {
    if (state.isReading() || nowMs - state.readAtMs < this.#rereadMs) return;
    this.#load(state).catch(() => undefined);
  }
}

/** With its end: where the tenant's zone changes, another month may have the same beginning. */
const keyOf = ({ tenantId, scope, id, fromMs, toMs }: BudgetAccount): string =>
  `${scope} ${tenantId} ${id} ${fromMs} ${toMs}`;
