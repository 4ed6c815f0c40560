// A usage report counted again from plain values, as its definition reads: slow, and with nothing of the code
// that it checks.

import type { RequestStatus } from "../../src/core/usage/ledger.ts";
import type { UsageDimension, UsageInterval, UsageQuestion } from "../../src/core/usage/usage-report.ts";
import type { CallOfMonth } from "./usage-month.ts";

/** What happened with a call that never ended. */
export type StatusOf = (call: CallOfMonth) => RequestStatus;

export interface PlainFigures {
  readonly counts: Readonly<Record<string, bigint>>;
  readonly tokens: Readonly<Record<string, bigint | undefined>>;
  readonly costNanos: bigint | null;
  readonly savedNanos: bigint | null;
  readonly latenciesMs: readonly number[];
  readonly firstTokensMs: readonly number[];
}

export interface PlainReport {
  readonly totals: PlainFigures;
  /** By `groupName`. */
  readonly groups: ReadonlyMap<string, PlainFigures>;
}

type Attempt = CallOfMonth["attempts"][number];

interface Line {
  readonly call: CallOfMonth;
  /** Undefined: the line is the request itself. */
  readonly attempt: Attempt | undefined;
}

export const groupName = (interval: string, values: readonly (string | null)[]): string =>
  JSON.stringify([interval, ...values]);

const holds = (list: readonly string[] | undefined, value: string | undefined): boolean =>
  list === undefined || (value !== undefined && list.includes(value));

export function recompute(
  calls: readonly CallOfMonth[],
  question: UsageQuestion,
  statusOf: StatusOf,
): PlainReport {
  const { filter, groupBy, interval, timeZone, fromMs, toMs } = question;
  const chosen = calls.filter((call) => {
    const { opened, settlement } = call;
    return (
      opened.createdAtMs >= fromMs &&
      opened.createdAtMs < toMs &&
      holds(filter.tenants, opened.tenantId) &&
      holds(filter.apiKeys, opened.apiKeyId) &&
      holds(filter.users, opened.userId) &&
      holds(filter.useCases, opened.useCase) &&
      holds(filter.environments, opened.environment) &&
      holds(filter.statuses, statusOf(call)) &&
      holds(filter.routes, settlement?.route)
    );
  });
  const onlyAttempts = filter.providers !== undefined || filter.models !== undefined;
  const attemptLines = chosen.flatMap((call) =>
    madeIn(call)
      .filter(({ provider, model }) => holds(filter.providers, provider) && holds(filter.models, model))
      .map((attempt): Line => ({ call, attempt })),
  );
  const requestLines = chosen.map((call): Line => ({ call, attempt: undefined }));
  const ofAttempts = onlyAttempts || groupBy.includes("provider") || groupBy.includes("model");
  const grouped = Map.groupBy(ofAttempts ? attemptLines : requestLines, (line) =>
    groupName(
      intervalName(line.call.opened.createdAtMs, interval, timeZone),
      groupBy.map((dimension) => valueOf(line, dimension, statusOf)),
    ),
  );
  return {
    totals: count(onlyAttempts ? attemptLines : requestLines, statusOf),
    groups: new Map([...grouped].map(([name, lines]) => [name, count(lines, statusOf)])),
  };
}

function valueOf({ call, attempt }: Line, dimension: UsageDimension, statusOf: StatusOf): string | null {
  const { opened, settlement } = call;
  const values = {
    tenant: opened.tenantId,
    apiKey: opened.apiKeyId,
    user: opened.userId,
    provider: attempt?.provider,
    model: attempt?.model,
    route: settlement?.route,
    useCase: opened.useCase,
    status: statusOf(call),
    environment: opened.environment,
  };
  return values[dimension] ?? null;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const localTimes = new Map<string, string>();

/** As `2026-03-01 17:05`. */
function localTime(epochMs: number, timeZone: string): string {
  const key = `${timeZone} ${epochMs}`;
  const known = localTimes.get(key);
  if (known !== undefined) return known;
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
  formats.set(timeZone, format);
  const time = format.format(epochMs);
  localTimes.set(key, time);
  return time;
}

/** What a local calendar and clock call the interval of an instant. */
export function intervalName(epochMs: number, interval: UsageInterval | undefined, timeZone: string): string {
  if (interval === undefined) return "all";
  const [date = "", time = ""] = localTime(epochMs, timeZone).split(" ");
  const [hour = "", minute = ""] = time.split(":");
  switch (interval) {
    case "quarter_hour":
      return `${date} ${hour} quarter ${Math.floor(Number(minute) / 15)}`;
    case "hour":
      return `${date} ${hour}`;
    case "day":
      return date;
    case "week": {
      const day = new Date(`${date}T00:00Z`);
      return `week ${Math.floor((day.getTime() / 86_400_000 + 3) / 7)}`;
    }
    case "month":
      return date.slice(0, 7);
  }
}

function count(lines: readonly Line[], statusOf: StatusOf): PlainFigures {
  const ofAttempts = lines.some(({ attempt }) => attempt !== undefined);
  const calls = new Set(lines.map(({ call }) => call));
  const attempts = lines.flatMap(({ call, attempt }) => (attempt === undefined ? madeIn(call) : [attempt]));
  const callsWith = (test: (call: CallOfMonth) => boolean) => [...calls].filter(test).length;
  const cameBy = new Set(
    lines.filter(({ attempt }) => attempt && elsewhere(attempt)).map(({ call }) => call),
  );
  const costs = attempts.flatMap(({ costNanos }) => (costNanos === null ? [] : [costNanos]));
  // A request without attempts has a cost of its own: none.
  const isFree = !ofAttempts && callsWith((call) => call.settlement?.costNanos === 0n) > 0;
  const saved = ofAttempts ? [] : [...calls].flatMap(({ settlement }) => settlement?.savedNanos ?? []);
  const inputs = attempts.map(({ usage }) => usage?.input);
  const outputs = attempts.map(({ usage }) => usage?.output);
  const counts = ofAttempts
    ? {
        errors: attempts.filter(({ status }) => status === "failed").length,
        fallbacks: cameBy.size,
        cacheHits: 0,
        unpriced: attempts.filter(({ costNanos }) => costNanos === null).length,
      }
    : {
        errors: callsWith((call) => ["failed", "interrupted"].includes(statusOf(call))),
        fallbacks: callsWith((call) => madeIn(call).some(elsewhere)),
        cacheHits: callsWith(({ settlement }) => ["hit", "semantic"].includes(settlement?.cacheStatus ?? "")),
        unpriced: callsWith(
          (call) => statusOf(call) !== "open" && (call.settlement?.costNanos ?? null) === null,
        ),
      };
  const all = { calls: calls.size, attempts: attempts.length, ...counts };
  return {
    counts: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, BigInt(value)])),
    tokens: {
      input: sum(inputs.map((input) => input?.total)),
      inputUncached: sum(inputs.map((input) => input?.uncached)),
      inputCacheRead: sum(inputs.map((input) => input?.cacheRead)),
      inputCacheWrite: sum(inputs.map((input) => input?.cacheWrite)),
      inputAudio: sum(inputs.map((input) => input?.audio)),
      output: sum(outputs.map((output) => output?.total)),
      outputText: sum(outputs.map((output) => output?.text)),
      outputReasoning: sum(outputs.map((output) => output?.reasoning)),
      outputAudio: sum(outputs.map((output) => output?.audio)),
    },
    costNanos: costs.length === 0 && !isFree ? null : costs.reduce((total, cost) => total + cost, 0n),
    savedNanos: saved.length === 0 ? null : saved.reduce((total, nanos) => total + nanos, 0n),
    latenciesMs: ofAttempts
      ? attempts.map(({ latencyMs }) => latencyMs)
      : knownOf([...calls].map(({ settlement }) => settlement?.latencyMs)),
    firstTokensMs: ofAttempts
      ? knownOf(attempts.map(({ timeToFirstTokenMs }) => timeToFirstTokenMs))
      : knownOf([...calls].map(({ settlement }) => settlement?.timeToFirstTokenMs)),
  };
}

/** A target that was passed over was not asked. */
const madeIn = ({ attempts }: CallOfMonth): readonly Attempt[] =>
  attempts.filter(({ status }) => status !== "skipped");

const elsewhere = ({ reason }: Attempt): boolean => ["fallback", "continue", "restart"].includes(reason);

function sum(values: readonly (number | undefined)[]): bigint | undefined {
  const known = knownOf(values);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + BigInt(value), 0n);
}

const knownOf = (values: readonly (number | undefined)[]): number[] =>
  values.filter((value) => value !== undefined);
