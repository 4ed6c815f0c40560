// Results as server-sent events: `next` for each, `complete` at the end (the distinct connections mode of
// GraphQL over SSE).

import type { ServerResponse } from "node:http";
import type { ExecutionResult } from "graphql";
import type { Clock } from "../../core/clock.ts";
import { openEventStream, streamHeaders } from "../event-stream.ts";
import { pump } from "../pump.ts";
import { type Headers, statusOf } from "./answer.ts";
import { toShownError } from "./errors.ts";

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
  /** Asked for each result: undefined where it has none. */
  readonly eventId: () => string | undefined;
  /** Sees the results that have errors. */
  readonly onErrors: (result: ExecutionResult) => void;
}

/** Writes no faster than the reader reads; never rejects. */
export async function answerEvents(answer: EventAnswer): Promise<void> {
  const { response, results, signal, headers } = answer;
  const stream = openEventStream({ ...answer, heartbeatMs, earlyHeaders: headers(undefined) });
  const write = (result: ExecutionResult): boolean => {
    if (result.errors !== undefined) answer.onErrors(result);
    if (!response.headersSent) stream.begin(headers(result), statusOf(result));
    return stream.write(frame(result, answer.eventId()));
  };
  try {
    await pump({ events: results, write, drained: (gone) => stream.drained(gone), signal });
  } catch (error) {
    if (!signal.aborted) write({ errors: [toShownError(error)] });
  } finally {
    stream.stop();
  }
  if (signal.aborted) return;
  stream.begin(headers(undefined));
  response.end(complete);
}

/** An error before anything has begun, for whoever reads nothing but events. */
export function answerOneEvent(response: ServerResponse, result: ExecutionResult, headers: Headers): void {
  if (response.destroyed) return;
  response.writeHead(statusOf(result), { ...headers, ...streamHeaders });
  response.end(frame(result) + complete);
}

const complete = "event: complete\ndata:\n\n";

function frame(result: ExecutionResult, id?: string): string {
  const next = `event: next\ndata: ${JSON.stringify(result)}\n\n`;
  return id === undefined ? next : `id: ${id}\n${next}`;
}
