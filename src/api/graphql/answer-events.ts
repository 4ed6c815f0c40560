// Results as server-sent events: `next` for each, `complete` at the end (the distinct connections mode of
// GraphQL over SSE), a comment as a sign of life when nothing comes.

import type { ServerResponse } from "node:http";
import type { ExecutionResult } from "graphql";
import type { Clock } from "../../core/clock.ts";
import { type Headers, statusOf } from "./answer.ts";
import { toShownError } from "./errors.ts";

/** After so long without a result the headers go out, and a comment after every such silence. */
const heartbeatMs = 15_000;

export interface EventAnswer {
  readonly response: ServerResponse;
  readonly results: AsyncIterable<ExecutionResult>;
  /** Aborted when the reader has gone. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** How long a reader that takes nothing keeps its connection. */
  readonly stalledMs: number;
  /** Asked when the headers are sent: undefined when there is no result yet. */
  readonly headers: (first: ExecutionResult | undefined) => Headers;
}

/** Writes no faster than the reader reads; never rejects. */
export async function answerEvents(answer: EventAnswer): Promise<void> {
  const { response, results, signal } = answer;
  const heartbeat = startHeartbeat(answer);
  try {
    for await (const result of results) {
      if (signal.aborted) return;
      begin(answer, result);
      if (!response.write(frame(result))) await drained(answer);
      if (signal.aborted) return;
    }
  } catch (error) {
    const failed = { errors: [toShownError(error)] };
    if (signal.aborted) return;
    begin(answer, failed);
    response.write(frame(failed));
  } finally {
    heartbeat.stop();
  }
  begin(answer, undefined);
  response.end(complete);
}

/** An error before anything has begun, for whoever reads nothing but events. */
export function answerOneEvent(response: ServerResponse, result: ExecutionResult, headers: Headers): void {
  if (response.destroyed) return;
  response.writeHead(statusOf(result), { ...headers, ...streamHeaders });
  response.end(frame(result) + complete);
}

const complete = "event: complete\ndata:\n\n";

const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  // Asks nginx not to hold events back.
  "x-accel-buffering": "no",
} as const;

const frame = (result: ExecutionResult): string => `event: next\ndata: ${JSON.stringify(result)}\n\n`;

function begin({ response, headers }: EventAnswer, first: ExecutionResult | undefined): void {
  if (response.headersSent) return;
  const status = first === undefined ? 200 : statusOf(first);
  response.writeHead(status, { ...headers(first), ...streamHeaders });
}

/** Resolves when the socket takes more, or when there is nobody left to write to. */
const drained = ({ response, signal, clock, stalledMs }: EventAnswer): Promise<void> =>
  new Promise((resolve) => {
    const stalled = clock.setTimer(stalledMs, () => response.destroy());
    const done = () => {
      stalled.cancel();
      response.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    response.once("drain", done);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });

function startHeartbeat(answer: EventAnswer): { stop(): void } {
  const { response, clock } = answer;
  const beat = () => {
    begin(answer, undefined);
    if (!response.writableNeedDrain) response.write(":\n\n");
    timer = clock.setTimer(heartbeatMs, beat);
  };
  let timer = clock.setTimer(heartbeatMs, beat);
  return { stop: () => timer.cancel() };
}
