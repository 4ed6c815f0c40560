// Accounts, amounts and replies as the scripts of budgets take and give them.

import type { BudgetAccount, BudgetReservation, BudgetStanding } from "../../core/budgets/budget-store.ts";

const nanosADollar = 1_000_000_000n;

/** The tenant's keys have one hash tag: in a cluster they are on one node. */
export const keyOf = ({ tenantId, scope, id, fromMs }: BudgetAccount): string =>
  `sluice:budget:{${tenantId}}:${scope}:${id}:${fromMs}`;

export const keysOf = (accounts: readonly BudgetAccount[]): readonly string[] =>
  accounts.flatMap((account) => {
    const key = keyOf(account);
    return [key, `${key}:held`, `${key}:leases`, `${key}:load`];
  });

export const textOf = (nanos: bigint): string => `${nanos / nanosADollar} ${nanos % nanosADollar}`;

export const limitText = (nanos: bigint | undefined): string => (nanos === undefined ? "" : textOf(nanos));

/** The scripts know each of a call's reservations by its number: told twice, it is held once. */
export interface NumberedReservation extends BudgetReservation {
  readonly number: number;
}

/** What a script tells of one account. */
export interface ToldAccount {
  readonly crossedSoft: boolean;
  readonly isDue: boolean;
  /** Undefined: the account has to be read first. */
  readonly standing: BudgetStanding | undefined;
}

const fieldsOfAccount = 4;

/** @throws Error for what no script of ours gives */
export function toldIn(reply: unknown, count: number): readonly ToldAccount[] {
  const fields = listIn(reply);
  return Array.from({ length: count }, (_, i) => {
    const [crossed, due, spent, reserved] = fields.slice(i * fieldsOfAccount, (i + 1) * fieldsOfAccount);
    const spentNanos = nanosIn(spent);
    const reservedNanos = nanosIn(reserved);
    return {
      crossedSoft: crossed === 1,
      isDue: due === 1,
      standing:
        spentNanos === undefined || reservedNanos === undefined ? undefined : { spentNanos, reservedNanos },
    };
  });
}

export function listIn(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply;
  throw new Error("Redis gave something else than a list.");
}

function nanosIn(text: unknown): bigint | undefined {
  if (text === "") return undefined;
  const found = typeof text === "string" ? /^(-?\d+) (\d+)$/.exec(text) : null;
  const [, dollars, nanos] = found ?? [];
  if (dollars === undefined || nanos === undefined)
    throw new Error("Redis gave something else than an amount.");
  return BigInt(dollars) * nanosADollar + BigInt(nanos);
}
