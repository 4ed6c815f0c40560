// A child's side of the talk with the bench. A child ends when the bench is gone, whatever became of it.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { RunningGateway } from "../../src/gateway.ts";
import type { z } from "zod";
import { type CpuReport, failure, type MemoryReport, type Question, type ReadyReport } from "./messages.ts";

interface Answering<Q> {
  readonly ports: ReadyReport["ports"];
  readonly question: z.ZodType<Q>;
  /** Undefined: there is nothing to tell but that it is done. */
  readonly answer: (question: Q) => Promise<object | undefined>;
  readonly close?: () => Promise<void>;
}

export function serveParent<Q>({ ports, question, answer, close }: Answering<Q>): void {
  const handle = async (message: unknown) => {
    try {
      const told = await answer(question.parse(message));
      process.send?.(told ?? ({ tell: "ready", ports } satisfies ReadyReport));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      process.send?.(failure.parse({ tell: "failed", message }));
    }
  };
  process.on("message", (message) => void handle(message));
  process.once("disconnect", () => {
    void (close?.() ?? Promise.resolve()).finally(() => process.exit());
  });
  process.send?.({ tell: "ready", ports } satisfies ReadyReport);
}

interface MeteredGateway {
  readonly database: RunningGateway["database"];
  /** Whether records are kept from here on. */
  record(on: boolean): void;
}

/** Measures this process's serving thread between `begin` and `end`, and a gateway's database thread. */
export function createMeter(gateway?: MeteredGateway): Answering<Question>["answer"] {
  const database = gateway?.database;
  const delays = monitorEventLoopDelay({ resolution: 1 });
  let beganAtMs = 0;
  let cpuAtBegin = process.threadCpuUsage();
  let databaseAtBeginMs = 0;

  async function begin(recording: boolean): Promise<undefined> {
    gateway?.record(recording);
    databaseAtBeginMs = (await database?.cpuMs()) ?? 0;
    delays.enable();
    delays.reset();
    beganAtMs = performance.now();
    cpuAtBegin = process.threadCpuUsage();
    return undefined;
  }

  async function end(): Promise<CpuReport> {
    await database?.flush();
    const { user, system } = process.threadCpuUsage(cpuAtBegin);
    const wallMs = performance.now() - beganAtMs;
    const atMs = (percentile: number) => delays.percentile(percentile) / 1e6;
    const loopDelayMs = { p50: atMs(50), p99: atMs(99), p999: atMs(99.9), max: delays.max / 1e6 };
    delays.disable();
    return {
      tell: "used",
      wallMs,
      servingCpuMs: (user + system) / 1000,
      databaseCpuMs: database && (await database.cpuMs()) - databaseAtBeginMs,
      recordsRefused: database?.refused,
      loopDelayMs,
    };
  }

  return (question) => {
    if (question.ask === "memory") return memory();
    return question.ask === "begin" ? begin(question.recording) : end();
  };
}

const collectionsAtMost = 10;
const betweenCollectionsMs = 50;

/** Collected until nothing more goes: what finalizers and the other threads hold goes a little later. */
async function memory(): Promise<MemoryReport> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("V8 gave no way to collect.");
  let heapBytes = Infinity;
  for (let count = 0; count < collectionsAtMost; count += 1) {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    if (count > 1 && heapUsed + external > heapBytes - 50_000) break;
    heapBytes = heapUsed + external;
    await new Promise((resolve) => setTimeout(resolve, betweenCollectionsMs));
  }
  return { tell: "holds", heapBytes, residentBytes: process.memoryUsage.rss() };
}
