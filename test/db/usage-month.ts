// A month of calls by a seeded generator, as they go to a ledger and as plain values to count again.

import { createIdSource } from "../../src/core/ids.ts";
import { addUsage, type Usage } from "../../src/core/chat/usage.ts";
import type { AttemptRecord, Ledger, OpenedCall, Settlement } from "../../src/core/usage/ledger.ts";
import { attemptOf, openedCall, settlementOf } from "./sample-records.ts";

export interface CallOfMonth {
  readonly opened: OpenedCall;
  /** Undefined: it never ended. */
  readonly settlement: Settlement | undefined;
  readonly attempts: readonly AttemptRecord[];
}

export const monthFromMs = Date.UTC(2026, 2, 1);
export const monthToMs = Date.UTC(2026, 3, 1);

export interface Random {
  /** From 0 to below 1. */
  next(): number;
  below(bound: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly [T, ...T[]]): T;
}

/** Mulberry32: the same numbers for the same seed. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (values) => values[below(values.length)] ?? values[0],
  };
}

export const names = {
  tenants: ["red", "blue", "green-1"],
  apiKeys: ["key_1", "key_2", "key_ü", undefined],
  users: ["anna", "Ännä", "日本😀", "o'neil \\ ? \"%_", "Anna", undefined],
  useCases: ["search", "Zusammenfassung", undefined],
  routes: ["default", "schnell-ü", "fast"],
  providers: ["groq", "my-azure", "öffentlich"],
  models: ["llama", "gpt", "unpriced-x", "org/модель"],
} as const;

/** In the order of their ids, and so of their times, evenly spread over the month. */
export function generateMonth(count: number, seed: number): CallOfMonth[] {
  const random = createRandom(seed);
  let nowMs = monthFromMs;
  const newId = createIdSource({
    clock: { epochMs: () => nowMs, monotonicMs: () => 0, setTimer: () => ({ cancel: () => {} }) },
    fillRandom(bytes) {
      for (const index of bytes.keys()) bytes[index] = random.below(256);
    },
  });
  return Array.from({ length: count }, (_, index) => {
    const share = (monthToMs - monthFromMs) / count;
    nowMs = Math.floor(monthFromMs + share * index + random.next() * share);
    return callOf(newId, nowMs, random);
  });
}

function callOf(newId: () => string, nowMs: number, random: Random): CallOfMonth {
  const opened = openedCall({
    id: newId(),
    createdAtMs: nowMs,
    tenantId: random.pick(names.tenants),
    apiKeyId: random.pick(names.apiKeys),
    userId: random.pick(names.users),
    useCase: random.pick(names.useCases),
    environment: random.chance(0.2) ? "test" : "live",
    loggingPolicy: "none",
    labels: undefined,
    requestBody: undefined,
  });
  const count = random.chance(0.1) ? 0 : random.chance(0.7) ? 1 : 2 + random.below(3);
  const attempts = Array.from({ length: count }, (_, index) =>
    attemptAt(opened, { id: newId(), index, count }, random),
  );
  const settlement = random.chance(0.03) ? undefined : settled(opened, attempts, random);
  return { opened, attempts, settlement };
}

function attemptAt(
  opened: OpenedCall,
  { id, index, count }: { id: string; index: number; count: number },
  random: Random,
): AttemptRecord {
  const model = random.pick(names.models);
  const last = index === count - 1;
  const usage = random.chance(0.85) ? usageOf(random, count === 1) : undefined;
  const isFree = random.chance(0.1);
  const known = isFree || (usage !== undefined && model !== "unpriced-x");
  const attempt = attemptOf(opened, {
    id,
    number: index + 1,
    reason: index === 0 ? "primary" : random.pick(["retry", "fallback", "hedge", "continue", "restart"]),
    provider: random.pick(names.providers),
    model,
    status: last && random.chance(0.9) ? "ok" : random.pick(["failed", "failed", "cancelled", "skipped"]),
    usage,
    costNanos: known ? (isFree ? 0n : costOf(random, count === 1)) : null,
    latencyMs: durationOf(random),
    timeToFirstTokenMs: random.chance(0.6) ? durationOf(random) : undefined,
  });
  if (attempt.status !== "skipped") return attempt;
  return { ...attempt, usage: undefined, costNanos: 0n, latencyMs: 0, timeToFirstTokenMs: undefined };
}

function settled(opened: OpenedCall, attempts: readonly AttemptRecord[], random: Random): Settlement {
  const costs = attempts.map(({ costNanos }) => costNanos);
  const isHit = attempts.length === 0 && random.chance(0.5);
  return settlementOf(opened, {
    status: isHit || random.chance(0.85) ? "ok" : random.pick(["failed", "cancelled", "refused"]),
    route: random.chance(0.95) ? random.pick(names.routes) : undefined,
    attempts: attempts.filter(({ status }) => status !== "skipped").length,
    cacheStatus: isHit ? random.pick(["hit", "semantic"]) : random.pick(["miss", "bypass", "stale"]),
    usage: attempts.reduce<Usage | undefined>((sum, { usage }) => addUsage(sum, usage), undefined),
    costNanos: costs.reduce<bigint | null>(
      (sum, cost) => (sum === null || cost === null ? null : sum + cost),
      0n,
    ),
    latencyMs: durationOf(random),
    timeToFirstTokenMs: random.chance(0.6) ? durationOf(random) : undefined,
    ...(isHit
      ? { savedNanos: random.chance(0.8) ? costOf(random, true) : null, answeredFrom: opened.runId }
      : {}),
    losses: [],
    replyBody: undefined,
  });
}

/** @param alone what no other is added to may be as large as numbers go */
function usageOf(random: Random, alone: boolean): Usage {
  const count = () =>
    random.chance(0.1)
      ? undefined
      : alone && random.chance(0.02)
        ? Number.MAX_SAFE_INTEGER - random.below(9)
        : random.below(5000);
  return {
    input: { total: count(), uncached: count(), cacheRead: count(), cacheWrite: count(), audio: count() },
    output: { total: count(), text: count(), reasoning: count(), audio: count() },
    source: random.pick(["reported", "counted", "estimated"]),
  };
}

/** Some are beyond 2^53, and the sum of those beyond 2^63. */
function costOf(random: Random, alone: boolean): bigint {
  if (alone && random.chance(0.02)) return 2n ** 63n - 1n - BigInt(random.below(1000));
  if (random.chance(0.05)) return 2n ** 53n + BigInt(random.below(1000));
  return BigInt(random.below(1_000_000_000));
}

/** From nothing over parts of a millisecond to many minutes. */
function durationOf(random: Random): number {
  if (random.chance(0.01)) return 0;
  if (random.chance(0.02)) return random.below(3);
  return Math.exp(random.next() * 18 - 4);
}

export function writeCall(ledger: Ledger, { opened, attempts, settlement }: CallOfMonth): void {
  ledger.open(opened);
  for (const attempt of attempts) ledger.attempt(attempt);
  if (settlement !== undefined) ledger.settle(settlement);
}
