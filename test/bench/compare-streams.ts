// Streams of HTTP at a pace: the gateway against its baseline.

import type { BenchContext } from "./bench-context.ts";
import { answerTokens } from "./chats.ts";
import type { Child } from "./child-process.ts";
import { compare, type Comparison, type Rounds, type Side } from "./compare.ts";
import type { HttpLoad } from "./messages.ts";

export interface Pace {
  /** Streams at once. */
  readonly callers: number;
  /** Between the tokens of a stream. */
  readonly delayMs: number;
  /** Between the beginnings of streams: their tokens shall not all come at the same moment. */
  readonly beginApartMs?: number;
  readonly rounds: Omit<Rounds, "unitsPerCall">;
}

/** A stream takes longer than a round lasts: each caller reads one. What is compared was warm before. */
export const paced: Pace = {
  callers: 100,
  delayMs: 10,
  beginApartMs: 3.7,
  rounds: { rounds: 5, roundMs: 2_000, warmUpMs: 0 },
};

/** The upstream as fast as it is read. */
export const unpaced: Pace = {
  callers: 16,
  delayMs: 0,
  rounds: { rounds: 2, roundMs: 1_000, warmUpMs: 1_500 },
};

export interface StreamSides {
  readonly ours: Child;
  readonly baseline: Child;
  readonly asked: (delayMs: number) => Pick<HttpLoad, "path" | "headers" | "body" | "expect">;
}

export function compareStreams(
  bench: BenchContext,
  { ours, baseline, asked }: StreamSides,
  { callers, delayMs, beginApartMs, rounds }: Pace,
): Promise<Comparison> {
  const side = (server: Child): Side => ({
    server,
    load: (durationMs) => ({
      protocol: "http",
      port: server.ports["http"] ?? 0,
      ...asked(delayMs),
      callers,
      beginApartMs,
      durationMs,
    }),
  });
  return compare(
    bench,
    { ours: side(ours), baseline: side(baseline) },
    { ...rounds, unitsPerCall: answerTokens },
  );
}
