// What this bench asks of its upstream and of its callers, and what they answer.

import { z } from "zod";

const behaviour = z.discriminatedUnion("kind", [
  /** A short answer, whole or streamed as it is asked. */
  z.object({ kind: z.literal("answer"), afterMs: z.number() }),
  /** Status 500; one of so many is a short answer, where that is said. */
  z.object({ kind: z.literal("fail"), goodOneOf: z.int().optional() }),
  /** Takes the request and says nothing. */
  z.object({ kind: z.literal("hang") }),
  /** Nobody listens; open connections are cut. */
  z.object({ kind: z.literal("refuse") }),
  z.object({ kind: z.literal("stream"), tokens: z.int(), delayMs: z.number() }),
  /** Begins to stream, and then says nothing more. */
  z.object({ kind: z.literal("fall_silent"), tokens: z.int() }),
  /** Streams as fast as it is read. */
  z.object({ kind: z.literal("flood"), bytes: z.int() }),
]);

export const upstreamQuestion = z.discriminatedUnion("ask", [
  z.object({ ask: z.literal("behave"), target: z.string(), as: behaviour }),
  z.object({ ask: z.literal("received"), target: z.string() }),
]);

/** Times are those of `machineMs`, here and below. */
const streamAt = z.object({ stream: z.int(), atMs: z.number() });

export const receivedReport = z.object({
  tell: z.literal("received"),
  requests: z.int(),
  /** Answers whose connection was closed before their end. */
  closed: z.array(streamAt),
  /** Of each answer that flooded. */
  sentBytes: z.array(z.number()),
});

const arrivals = z.object({
  /** The same load on each of these gateways at the same time. */
  ports: z.array(z.int()),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  /** Stands in every good answer. */
  expect: z.string(),
  /** They come to each at this rate, whatever becomes of those before. */
  callsPerSecond: z.number(),
  durationMs: z.number(),
  /** Answers of so long a time are not counted in `goodPerSecond`. */
  settleMs: z.number(),
});

const streams = z.object({
  protocol: z.enum(["sse", "grpc"]),
  port: z.int(),
  /** The number of the first; what is asked names each stream's number. */
  from: z.int(),
  count: z.int(),
  /** What of each stream is read: all, or no more than comes with its first event. */
  reads: z.enum(["all", "first"]),
});

export const callerQuestion = z.discriminatedUnion("ask", [
  z.object({ ask: z.literal("arrive"), load: arrivals }),
  /** Answered when each stream has had its first event. */
  z.object({ ask: z.literal("open"), streams }),
  /** All open streams are left, one after the other. */
  z.object({ ask: z.literal("leave"), apartMs: z.number() }),
  /** Answered when all open streams have ended. */
  z.object({ ask: z.literal("ends") }),
]);

/** Of one gateway. */
const arrivalReport = z.object({
  calls: z.int(),
  good: z.int(),
  /** 503 with a retry-after. */
  refused: z.int(),
  /** All that is neither good nor refused so. */
  failed: z.int(),
  /** Of some of those. */
  failures: z.array(z.string()),
  /** Good answers that came in a second, while calls arrived. */
  goodPerSecond: z.number(),
  /** From the moment that a call was due to its whole answer. */
  goodMs: z.object({ p50: z.number().optional(), p99: z.number().optional() }),
  refusedMs: z.object({ p50: z.number().optional(), p99: z.number().optional() }),
});

export const arrivalReports = z.object({ tell: z.literal("arrived"), reports: z.array(arrivalReport) });

export const leftReport = z.object({ tell: z.literal("left"), left: z.array(streamAt) });

export const endedReport = z.object({
  tell: z.literal("ended"),
  /** With their last event, and no error. */
  whole: z.int(),
  /** Why the others ended. */
  cut: z.array(z.string()),
});

export type Behaviour = z.infer<typeof behaviour>;
export type UpstreamQuestion = z.infer<typeof upstreamQuestion>;
export type ReceivedReport = z.infer<typeof receivedReport>;
export type Arrivals = z.infer<typeof arrivals>;
export type ArrivalReport = z.infer<typeof arrivalReport>;
export type ArrivalReports = z.infer<typeof arrivalReports>;
export type Streams = z.infer<typeof streams>;
export type CallerQuestion = z.infer<typeof callerQuestion>;
export type LeftReport = z.infer<typeof leftReport>;
export type EndedReport = z.infer<typeof endedReport>;
