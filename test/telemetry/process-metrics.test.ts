import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Clock } from "../../src/core/clock.ts";
import type { MetricFamily } from "../../src/core/metrics/metric-family.ts";
import { createLoopDelay } from "../../src/telemetry/loop-delay.ts";
import { createProcessMetrics } from "../../src/telemetry/process-metrics.ts";
import { version } from "../../src/version.ts";
import { createManualClock } from "../support/manual-clock.ts";

const valueOf = (families: readonly MetricFamily[], name: string): number => {
  const family = families.find((each) => each.name === name);
  const [sample] = family === undefined || family.type === "histogram" ? [] : family.samples;
  return typeof sample?.value === "number" ? sample.value : Number.NaN;
};

test("the process tells its version, memory, processor time and age, in base units", () => {
  const clock = createManualClock();
  const metrics = createProcessMetrics({ clock, version: "1.2.3" });
  const families = metrics.families();
  metrics.close();
  const build = families.find(({ name }) => name === "sluice_build_info");
  expect(build?.samples).toEqual([{ labels: { version: "1.2.3", node: process.version }, value: 1 }]);
  const { rss, heapUsed, external } = process.memoryUsage();
  for (const [name, now] of [
    ["process_resident_memory_bytes", rss],
    ["nodejs_heap_size_used_bytes", heapUsed],
    ["nodejs_external_memory_bytes", external],
    ["process_uptime_seconds", process.uptime()],
    ["process_start_time_seconds", Date.now() / 1000 - process.uptime()],
  ] as const) {
    expect(valueOf(families, name) / now, name).toBeGreaterThan(0.5);
    expect(valueOf(families, name) / now, name).toBeLessThan(2);
  }
  const cpu = valueOf(families, "process_cpu_seconds_total");
  const { user, system } = process.cpuUsage();
  expect(cpu).toBeGreaterThan(0);
  expect(cpu).toBeLessThanOrEqual((user + system) / 1e6);
  const parts = ["process_cpu_user_seconds_total", "process_cpu_system_seconds_total"];
  expect(parts.reduce((sum, name) => sum + valueOf(families, name), 0)).toBeCloseTo(cpu, 6);
  const loop = ["nodejs_eventloop_active_seconds_total", "nodejs_eventloop_idle_seconds_total"];
  for (const name of loop) expect(valueOf(families, name)).toBeLessThanOrEqual(process.uptime());
  expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
});

test("the version is package.json's", () => {
  const { version: packaged } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  expect(version).toBe(packaged);
});

test("the event loop's delay is how late its timers are, from the first question to the end", () => {
  const manual = createManualClock();
  let lateMs = 0;
  const clock: Clock = { ...manual, monotonicMs: () => manual.monotonicMs() + lateMs };
  const delay = createLoopDelay(clock);
  manual.advance(1000);
  expect(manual.pendingTimers).toBe(0);
  expect(delay.sample().counts.every((count) => count === 0)).toBe(true);

  manual.advance(20 * 5);
  lateMs = 300;
  manual.advance(20);
  const { counts, bounds, sum } = delay.sample();
  expect(counts[0]).toBe(5);
  expect(counts[bounds.indexOf(0.5)]).toBe(1);
  expect(counts.reduce((a, b) => a + b)).toBe(6);
  expect(sum).toBeCloseTo(0.3);

  delay.close();
  expect(manual.pendingTimers).toBe(0);
  delay.sample();
  expect(manual.pendingTimers).toBe(0);
});
