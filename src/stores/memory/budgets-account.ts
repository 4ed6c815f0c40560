// One account in memory: what the records say was spent, and what calls of this process spend and reserve since.
//
// While the records are read, calls go on. Those of this process that are under way, or begin later, are left out of
// the sum and counted when they are settled; all others are in the sum: so each is counted once.

import type {
  BudgetAccount,
  BudgetStanding,
  OnSoftLimit,
  OpenCallsOfAccount,
  Spend,
} from "../../core/budgets/budget-store.ts";
import type { Clock } from "../../core/clock.ts";
import { spendPatienceMs, spendRestMs, spendUnknown } from "../spend-unknown.ts";
import { withinTime } from "../within-time.ts";

export interface AccountPorts {
  readonly spend: Spend;
  readonly clock: Clock;
  readonly openCalls: OpenCallsOfAccount;
  readonly onSoftLimit: OnSoftLimit;
}

/** Calls may begin while the records are read, at a time that the sum has in it: then they are read again. */
const maxReadings = 3;

interface Reading {
  /** Calls created then or later are not in the sum. */
  readonly cutMs: number;
  readonly excluded: ReadonlySet<string>;
  /** By calls that are not in the sum. */
  settledNanos: bigint;
  /** Whether a call has begun of which nobody knows whether it is in the sum. */
  isUnsure: boolean;
}

export class AccountInMemory {
  readonly account: BudgetAccount;
  spentNanos = 0n;
  reservedNanos = 0n;
  /** Calls that have reserved. */
  holders = 0;
  usedAtMs: number;
  isLoaded = false;
  /** Whoever still knows it has to look again. */
  isDropped = false;
  /** On the monotonic clock. */
  readAtMs = 0;
  readonly #ports: AccountPorts;
  /** Those of the open calls that reserve nothing here: each tells when it is settled. */
  readonly #openIds = new Set<string>();
  #reading: Reading | undefined;
  #loading: Promise<void> | undefined;
  #failedAtMs: number | undefined;
  #newestSettledMs = 0;
  #softNanos: bigint | undefined;
  #isBelowSoft = false;

  constructor(account: BudgetAccount, ports: AccountPorts) {
    this.account = account;
    this.#ports = ports;
    this.usedAtMs = ports.clock.monotonicMs();
  }

  standing(): BudgetStanding {
    return { spentNanos: this.spentNanos, reservedNanos: this.reservedNanos };
  }

  isReading(): boolean {
    return this.#loading !== undefined;
  }

  hasFailed(): boolean {
    return this.#failedAtMs !== undefined;
  }

  /**
   * Reads what is spent; once at a time, whoever asks. `holders`: the ids of the calls that have reserved.
   * @throws GatewayError `unavailable`; what was read before still holds
   */
  load(holders: () => readonly string[]): Promise<void> {
    const { clock } = this.#ports;
    if (this.#failedAtMs !== undefined && clock.monotonicMs() - this.#failedAtMs < spendRestMs) {
      return Promise.reject(spendUnknown());
    }
    this.#loading ??= this.#load(holders).finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  hold(id: string, createdAtMs: number): void {
    this.holders += 1;
    this.#openIds.delete(id);
    const reading = this.#reading;
    if (reading !== undefined && createdAtMs < reading.cutMs && !reading.excluded.has(id)) {
      reading.isUnsure = true;
    }
  }

  settled(createdAtMs: number, paidNanos: bigint): void {
    this.spentNanos += paidNanos;
    if (createdAtMs > this.#newestSettledMs) this.#newestSettledMs = createdAtMs;
    if (this.#reading !== undefined) this.#reading.settledNanos += paidNanos;
  }

  /** Tells when the account comes from below the limit to above it. */
  watchSoft(softNanos: bigint | undefined, beforeNanos: bigint): void {
    if (softNanos === undefined) return;
    if (softNanos !== this.#softNanos) {
      this.#softNanos = softNanos;
      this.#isBelowSoft = beforeNanos <= softNanos;
    }
    if (!this.#isBelowSoft || this.spentNanos + this.reservedNanos <= softNanos) return;
    this.#isBelowSoft = false;
    this.#ports.onSoftLimit({ account: this.account, softNanos, standing: this.standing() });
  }

  async #load(holders: () => readonly string[]): Promise<void> {
    const { clock } = this.#ports;
    try {
      for (let readings = 1; readings <= maxReadings; readings += 1) {
        const isSure = await this.#read(holders());
        if (isSure) break;
      }
      this.#failedAtMs = undefined;
      this.isLoaded = true;
    } catch (error) {
      this.#failedAtMs = clock.monotonicMs();
      throw spendUnknown(error);
    } finally {
      this.readAtMs = clock.monotonicMs();
      this.#reading = undefined;
    }
  }

  /** Gives whether each call was counted once. */
  async #read(holders: readonly string[]): Promise<boolean> {
    const { clock, spend } = this.#ports;
    const { account } = this;
    const nowMs = clock.epochMs();
    // At first all of this millisecond is in the sum, too. Later it would have in it what begins from here on.
    const untilMs = this.isLoaded ? nowMs : nowMs + 1;
    // What this process has settled is in the sum, also where its clock was put back since.
    const cutMs = Math.max(untilMs, this.#newestSettledMs + 1);
    const ids = [...holders, ...this.#awaitOpenCalls(new Set(holders))];
    const reading: Reading = { cutMs, excluded: new Set(ids), settledNanos: 0n, isUnsure: false };
    this.#reading = reading;
    const until = { ...account, toMs: Math.min(account.toMs, cutMs) };
    const sumNanos = await withinTime(spend.spentNanos(until, ids), { clock, patienceMs: spendPatienceMs });
    this.spentNanos = sumNanos + reading.settledNanos;
    // Until it is loaded nobody is let in: what was settled had been under way.
    return !reading.isUnsure || !this.isLoaded;
  }

  /** The ids of the calls under way that have reserved nothing here. */
  #awaitOpenCalls(holders: ReadonlySet<string>): readonly string[] {
    const ids: string[] = [];
    for (const { id, createdAtMs, whenSettled } of this.#ports.openCalls(this.account)) {
      if (holders.has(id)) continue;
      ids.push(id);
      if (this.#openIds.has(id)) continue;
      this.#openIds.add(id);
      whenSettled((paidNanos) => {
        if (this.#openIds.delete(id)) this.settled(createdAtMs, paidNanos);
      });
    }
    return ids;
  }
}
