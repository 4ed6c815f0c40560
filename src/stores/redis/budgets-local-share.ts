// This gateway's part of budgets that it shares with others, for the time in which they cannot be asked: of what was
// left when Redis was heard last, each gateway may spend an equal part.

import type {
  BudgetAccount,
  BudgetDecision,
  BudgetHold,
  BudgetSettlement,
  BudgetStanding,
} from "../../core/budgets/budget-store.ts";
import type { Clock } from "../../core/clock.ts";
import { keyOf, type NumberedReservation } from "./budgets-wire.ts";

export interface LocalShareOptions {
  readonly clock: Clock;
  readonly nodes: number;
  /** Of an account that Redis has told nothing of. Rejects where that cannot be known. */
  readonly read: (account: BudgetAccount) => Promise<BudgetStanding>;
}

/** What was told longer ago is forgotten, and looked for so often. */
const idleMs = 3_600_000;
const sweepMs = 60_000;

class LocalAccount {
  /** Spent and reserved, by whomever, when it was heard last: while Redis is away all of it counts as spent. */
  baseNanos: bigint;
  heardAtMs: number;
  /** By this gateway since then. */
  spentNanos = 0n;
  reservedNanos = 0n;

  constructor(baseNanos: bigint, heardAtMs: number) {
    this.baseNanos = baseNanos;
    this.heardAtMs = heardAtMs;
  }

  standing(): BudgetStanding {
    return { spentNanos: this.baseNanos + this.spentNanos, reservedNanos: this.reservedNanos };
  }
}

interface LocalReservation {
  readonly reservation: NumberedReservation;
  readonly endsAtMs: number;
}

/** What one call holds here. */
interface LocalHold {
  readonly accounts: readonly LocalAccount[];
  nanos: bigint;
  /** By their numbers. */
  readonly reservations: Map<number, LocalReservation>;
}

export class LocalShare {
  readonly #options: LocalShareOptions;
  readonly #accounts = new Map<string, LocalAccount>();
  readonly #held = new Map<string, LocalHold>();
  #sweptAtMs = 0;

  constructor(options: LocalShareOptions) {
    this.#options = options;
  }

  /** How the account stands, as Redis tells it: this gateway's own part is in it, or will be. */
  heard(account: BudgetAccount, { spentNanos, reservedNanos }: BudgetStanding): void {
    const nowMs = this.#options.clock.monotonicMs();
    const key = keyOf(account);
    const known = this.#accounts.get(key);
    const baseNanos = spentNanos + reservedNanos;
    if (known === undefined) {
      this.#sweep(nowMs);
      this.#accounts.set(key, new LocalAccount(baseNanos, nowMs));
      return;
    }
    known.baseNanos = baseNanos;
    known.heardAtMs = nowMs;
    known.spentNanos = 0n;
  }

  async reserve(reservation: NumberedReservation): Promise<BudgetDecision> {
    const { holds, nanos } = reservation;
    const accounts: LocalAccount[] = [];
    for (const { account } of holds) accounts.push(await this.#of(account));
    const refused = accounts.findIndex((account, i) => !this.#fits(account, holds[i], nanos));
    if (refused === -1) this.#hold(reservation, accounts);
    return {
      allowed: refused === -1,
      standings: accounts.map((account) => account.standing()),
      refused: refused === -1 ? undefined : refused,
    };
  }

  /** What is held here and that Redis has not been told. */
  untold(): readonly NumberedReservation[] {
    const nowMs = this.#options.clock.monotonicMs();
    const untold: NumberedReservation[] = [];
    for (const { reservations } of this.#held.values()) {
      for (const { reservation, endsAtMs } of reservations.values()) {
        untold.push({ ...reservation, endsInMs: Math.max(0, endsAtMs - nowMs) });
      }
    }
    return untold;
  }

  holds({ id, number }: NumberedReservation): boolean {
    return this.#held.get(id)?.reservations.has(number) ?? false;
  }

  /** Redis has it from now on. */
  told({ id, number, nanos }: NumberedReservation): void {
    const held = this.#held.get(id);
    if (held === undefined || !held.reservations.delete(number)) return;
    held.nanos -= nanos;
    for (const account of held.accounts) {
      account.reservedNanos -= nanos;
      account.baseNanos += nanos;
    }
    if (held.reservations.size === 0) this.#held.delete(id);
  }

  /** Whether the call is held here, all or a part of it. */
  settle({ id, paidNanos }: BudgetSettlement): boolean {
    const held = this.#held.get(id);
    if (held === undefined) return false;
    this.#held.delete(id);
    for (const account of held.accounts) {
      account.reservedNanos -= held.nanos;
      account.spentNanos += paidNanos;
    }
    return true;
  }

  #fits(account: LocalAccount, hold: BudgetHold | undefined, nanos: bigint): boolean {
    if (hold?.hardNanos === undefined) return true;
    const leftNanos = hold.hardNanos - account.baseNanos;
    const shareNanos = leftNanos / BigInt(this.#options.nodes);
    return leftNanos >= 0n && account.spentNanos + account.reservedNanos + nanos <= shareNanos;
  }

  #hold(reservation: NumberedReservation, accounts: readonly LocalAccount[]): void {
    const { id, number, nanos, endsInMs } = reservation;
    const held = this.#held.get(id) ?? { accounts, nanos: 0n, reservations: new Map() };
    held.nanos += nanos;
    held.reservations.set(number, {
      reservation,
      endsAtMs: this.#options.clock.monotonicMs() + endsInMs,
    });
    this.#held.set(id, held);
    for (const account of held.accounts) account.reservedNanos += nanos;
  }

  async #of(account: BudgetAccount): Promise<LocalAccount> {
    const key = keyOf(account);
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const standing = await this.#options.read(account);
    // Somebody else may have been faster.
    if (!this.#accounts.has(key)) this.heard(account, standing);
    return this.#accounts.get(key) ?? new LocalAccount(standing.spentNanos, 0);
  }

  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptAtMs < sweepMs) return;
    this.#sweptAtMs = nowMs;
    for (const [key, { heardAtMs, reservedNanos }] of this.#accounts) {
      if (reservedNanos === 0n && nowMs - heardAtMs >= idleMs) this.#accounts.delete(key);
    }
  }
}
