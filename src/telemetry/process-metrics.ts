// What the process measures of itself, under the names that dashboards for Prometheus' clients know.

import { performance } from "node:perf_hooks";
import type { Clock } from "../core/clock.ts";
import { counter, gauge, type MetricFamily } from "../core/metrics/metric-family.ts";
import { createLoopDelay } from "./loop-delay.ts";

export interface ProcessMetrics {
  families(): readonly MetricFamily[];
  /** Ends the watch on the event loop. */
  close(): void;
}

export function createProcessMetrics(options: {
  readonly clock: Clock;
  /** Sluice's own. */
  readonly version: string;
}): ProcessMetrics {
  const loopDelay = createLoopDelay(options.clock);
  const build: MetricFamily = {
    name: "sluice_build_info",
    help: "What is running; always 1.",
    type: "gauge",
    samples: [{ labels: { version: options.version, node: process.version }, value: 1 }],
  };
  return {
    families: () => [
      build,
      ...processorFamilies(),
      ...memoryFamilies(),
      {
        name: "nodejs_eventloop_delay_seconds",
        help: "How late timers were, every 20 ms: for so long nothing else was served.",
        type: "histogram",
        samples: [loopDelay.sample()],
      },
      ...loopFamilies(),
    ],
    close: () => loopDelay.close(),
  };
}

/** Of all threads, the database's included. */
function processorFamilies(): readonly MetricFamily[] {
  const { user, system } = process.cpuUsage();
  return [
    counter("process_cpu_seconds_total", "Processor time of all threads.", (user + system) / 1e6),
    counter("process_cpu_user_seconds_total", "Of that, in the program's own code.", user / 1e6),
    counter("process_cpu_system_seconds_total", "Of that, in the operating system.", system / 1e6),
    gauge(
      "process_start_time_seconds",
      "When the process started, since 1970.",
      performance.timeOrigin / 1000,
    ),
    gauge("process_uptime_seconds", "Since the process started.", process.uptime()),
  ];
}

function memoryFamilies(): readonly MetricFamily[] {
  const { rss, heapTotal, heapUsed, external, arrayBuffers } = process.memoryUsage();
  return [
    gauge("process_resident_memory_bytes", "Memory that the process has in use.", rss),
    gauge(
      "nodejs_heap_size_total_bytes",
      "Memory that is set aside for the main thread's objects.",
      heapTotal,
    ),
    gauge("nodejs_heap_size_used_bytes", "Of that, what objects use.", heapUsed),
    gauge("nodejs_external_memory_bytes", "Memory outside the heap that objects hold.", external),
    gauge("nodejs_array_buffers_bytes", "Of that, what buffers hold.", arrayBuffers),
  ];
}

/** The rate of the first is the loop's utilisation. */
function loopFamilies(): readonly MetricFamily[] {
  const { active, idle } = performance.eventLoopUtilization();
  return [
    counter("nodejs_eventloop_active_seconds_total", "How long the event loop has worked.", active / 1000),
    counter("nodejs_eventloop_idle_seconds_total", "How long it has waited for work.", idle / 1000),
  ];
}
