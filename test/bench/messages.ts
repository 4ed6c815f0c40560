// What the bench and its child processes say to each other.

import { z } from "zod";

const load = z.discriminatedUnion("protocol", [
  z.object({
    protocol: z.literal("http"),
    port: z.int(),
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    /** Connections, each with one call at a time: the next begins when the last is answered. */
    callers: z.int(),
    /** Of all callers together; absent: as fast as the answers come. */
    callsPerSecond: z.number().optional(),
    /** How much later than the caller before it each caller begins; absent: all at once. */
    beginApartMs: z.number().optional(),
    /** No call begins later than that, and none after so many of all callers together. */
    durationMs: z.number(),
    calls: z.int().optional(),
    /** Stands in every answer. */
    expect: z.string(),
  }),
  z.object({
    protocol: z.literal("grpc"),
    port: z.int(),
    /** The encoded ChatRequest. */
    requestBase64: z.string(),
    /** Streams at once, spread over four connections. */
    callers: z.int(),
    beginApartMs: z.number().optional(),
    durationMs: z.number(),
    /** A stream with fewer is an error. */
    expectMessages: z.int(),
  }),
]);

export const question = z.discriminatedUnion("ask", [
  /** A server: count from here; a gateway: and keep records or drop them. */
  z.object({ ask: z.literal("begin"), recording: z.boolean() }),
  /** A server: what was used since `begin`. */
  z.object({ ask: z.literal("end") }),
  /** A server: what it holds in memory after a full collection. */
  z.object({ ask: z.literal("memory") }),
  /** The load generator: put this load on. */
  z.object({ ask: z.literal("load"), load }),
]);

export const cpuReport = z.object({
  tell: z.literal("used"),
  wallMs: z.number(),
  /** The thread that serves: user and system time, until all records are written. */
  servingCpuMs: z.number(),
  /** The database's thread; absent where there is none. */
  databaseCpuMs: z.number().optional(),
  /** Calls that have no record since the start; absent where nothing is recorded. */
  recordsRefused: z.int().optional(),
  /** How late a timer of 1 ms was, at the given quantiles. */
  loopDelayMs: z.object({ p50: z.number(), p99: z.number(), p999: z.number(), max: z.number() }),
});

export const memoryReport = z.object({
  tell: z.literal("holds"),
  /** Live objects of the serving thread, and what they hold outside of the heap. */
  heapBytes: z.number(),
  /** The whole process. */
  residentBytes: z.number(),
});

export const loadReport = z.object({
  tell: z.literal("loaded"),
  calls: z.int(),
  wallMs: z.number(),
});

export const readyReport = z.object({
  tell: z.literal("ready"),
  ports: z.record(z.string(), z.int()),
});

export const failure = z.object({ tell: z.literal("failed"), message: z.string() });

export type Load = z.infer<typeof load>;
export type HttpLoad = Extract<Load, { protocol: "http" }>;
export type GrpcLoad = Extract<Load, { protocol: "grpc" }>;
export type Question = z.infer<typeof question>;
export type CpuReport = z.infer<typeof cpuReport>;
export type MemoryReport = z.infer<typeof memoryReport>;
export type LoadReport = z.infer<typeof loadReport>;
export type ReadyReport = z.infer<typeof readyReport>;
