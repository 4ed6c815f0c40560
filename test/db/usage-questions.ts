// Usage questions of a month: each dimension, interval, zone and filter alone, and many at random.

import type { UsageDimension, UsageFilter, UsageQuestion } from "../../src/core/usage/usage-report.ts";
import { type CallOfMonth, createRandom, monthFromMs, monthToMs, names, type Random } from "./usage-month.ts";

const dimensions = [
  "tenant",
  "apiKey",
  "user",
  "provider",
  "model",
  "route",
  "useCase",
  "status",
  "environment",
] as const satisfies readonly UsageDimension[];
const intervals = ["quarter_hour", "hour", "day", "week", "month"] as const;
const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kathmandu",
  "America/St_Johns",
  "Pacific/Apia",
] as const;

export const wholeMonth: UsageQuestion = {
  fromMs: monthFromMs,
  toMs: monthToMs,
  groupBy: [],
  timeZone: "UTC",
  filter: {},
};

export function generateQuestions(month: readonly CallOfMonth[], seed: number): UsageQuestion[] {
  const random = createRandom(seed);
  const ask = (change: Partial<UsageQuestion>): UsageQuestion => ({ ...wholeMonth, ...change });
  const singly = [
    wholeMonth,
    ...dimensions.map((dimension) => ask({ groupBy: [dimension] })),
    ...intervals.slice(1).map((interval) => ask({ interval, timeZone: "Europe/Berlin" })),
    ...zones.map((timeZone) => ask({ interval: "day", timeZone })),
    ask({ groupBy: ["provider", "model", "status"] }),
    ...filters().map((filter) => ask({ filter })),
    ...filters().map((filter) => ask({ filter, groupBy: ["model"], interval: "week" })),
  ];
  const atRandom = Array.from({ length: 40 }, () => randomQuestion(month, random));
  return [...singly, ...atRandom];
}

function filters(): UsageFilter[] {
  return [
    { tenants: ["blue"] },
    { tenants: ["blue", "red", "none"] },
    { apiKeys: ["key_ü"] },
    { users: ["o'neil \\ ? \"%_", "日本😀"] },
    { providers: ["öffentlich"] },
    { models: ["org/модель", "llama"] },
    { providers: ["groq"], models: ["unpriced-x"] },
    { routes: ["schnell-ü"] },
    { useCases: ["search"] },
    { statuses: ["open", "interrupted"] },
    { statuses: ["failed"] },
    { environments: ["test"] },
    { users: ["nobody"] },
  ];
}

/** Its edges are times of calls: the first belongs to it, the last does not. */
function randomQuestion(month: readonly CallOfMonth[], random: Random): UsageQuestion {
  const interval = random.chance(0.2) ? undefined : random.pick(intervals);
  const longest = interval === "quarter_hour" ? month.length / 3 : month.length;
  const first = random.below(month.length - 2);
  const last = Math.min(first + 1 + random.below(longest), month.length - 1);
  const fromMs = month[first]?.opened.createdAtMs ?? monthFromMs;
  const some = <T>(values: readonly [T, ...T[]]) =>
    random.chance(0.2)
      ? [random.pick(values), random.pick(values)].filter((value) => value !== undefined)
      : [];
  const lists = {
    tenants: some(names.tenants),
    apiKeys: some(names.apiKeys),
    users: some(names.users),
    providers: some(names.providers),
    models: some(names.models),
    routes: some(names.routes),
    useCases: some(names.useCases),
  };
  return {
    fromMs,
    toMs: Math.max(month[last]?.opened.createdAtMs ?? monthToMs, fromMs + 1),
    groupBy: dimensions.filter(() => random.chance(0.15)),
    interval,
    timeZone: random.pick(zones),
    filter: Object.fromEntries(Object.entries(lists).filter(([, values]) => values.length > 0)),
  };
}
