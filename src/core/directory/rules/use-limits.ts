// Limits of use, and money.

import type { Budget } from "../../access/grants.ts";
import type { FieldFault } from "../../errors.ts";
import type { BudgetInput, UseLimitsInput } from "../administration.ts";
import { type Fault, faultsOf } from "./faults.ts";

const limitMax = 1_000_000_000_000;

/** Databases keep whole numbers of 64 bits with their sign. */
const nanosEnd = 2n ** 63n;

export const wholeNumberFault =
  (min: number, max: number) =>
  (value: number): Fault =>
    Number.isSafeInteger(value) && value >= min && value <= max
      ? undefined
      : `must be a whole number from ${min} to ${max}`;

const limitFault = wholeNumberFault(1, limitMax);

export const limitFaults = (limits: UseLimitsInput | null | undefined): readonly FieldFault[] => [
  ...faultsOf("limits.requestsPerMinute", limits?.requestsPerMinute, limitFault),
  ...faultsOf("limits.tokensPerMinute", limits?.tokensPerMinute, limitFault),
  ...faultsOf("limits.concurrentStreams", limits?.concurrentStreams, limitFault),
];

export const nanosFault = (nanos: bigint): Fault =>
  nanos >= 0n && nanos < nanosEnd ? undefined : `must be 0 to ${nanosEnd - 1n} nano-dollars`;

/** `planned`: the budget as it will be. */
export function budgetFaults(input: BudgetInput | null | undefined, planned: Budget): readonly FieldFault[] {
  if (input === undefined || input === null) return [];
  const { hardNanos, softNanos } = planned;
  const isAboveHard = hardNanos !== undefined && softNanos !== undefined && softNanos > hardNanos;
  return [
    ...faultsOf("budget.hardNanos", input.hardNanos, nanosFault),
    ...faultsOf("budget.softNanos", input.softNanos, nanosFault),
    ...(isAboveHard
      ? [
          {
            field: "budget.softNanos",
            message: "must not be above the hard limit: nobody would be told in time",
          },
        ]
      : []),
  ];
}
