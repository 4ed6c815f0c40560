// A POST to /graphql, from its headers to its answer.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { ExecutionResult } from "graphql";
import { defaultTimeoutMs } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { GatewayError, type ReportFault } from "../../core/errors.ts";
import type { Gateway } from "../../core/gateway.ts";
import { callerGone, connectionOf } from "../http-front-end.ts";
import { requireJson } from "../require-json.ts";
import { answerEvents, answerOneEvent } from "./answer-events.ts";
import { answerJson, type Headers, headersOf } from "./answer.ts";
import { type AskedPorts, readAsked } from "./asked.ts";
import type { GraphqlContext } from "./builder.ts";
import { reportFaults, ShownError, toShownError } from "./errors.ts";
import { EventIds } from "./event-ids.ts";
import { OperationResults } from "./operation-results.ts";
import type { Operation, PrepareOperation } from "./operation.ts";

export interface PostPorts extends AskedPorts {
  readonly gateway: Gateway;
  readonly prepare: PrepareOperation;
  readonly clock: Clock;
  /** Hears of what nobody foresaw; absent: nobody does. */
  readonly reportFault?: ReportFault | undefined;
}

/** Answers in any case; never rejects. */
export async function answerPost(
  request: IncomingMessage,
  response: ServerResponse,
  ports: PostPorts,
): Promise<void> {
  const { gateway } = ports;
  const { accept } = request.headers;
  const onErrors = ({ errors }: ExecutionResult) => reportFaults(errors, ports.reportFault);
  const gone = callerGone(response);
  const controller = new AbortController();
  gone.addEventListener("abort", () => controller.abort(), { once: true });
  try {
    requirePlainJson(request);
    const { operation, ...asker } = await readAsked(request, ports);
    const { signal } = controller;
    const eventIds = new EventIds(connectionOf(request).header("last-event-id"));
    const context: GraphqlContext = {
      gateway,
      ...asker,
      signal,
      replyMeta: undefined,
      shownVectors: 0,
      eventIds,
    };
    const prepared = ports.prepare(operation, context);
    if ("errors" in prepared) {
      onErrors(prepared);
      return answerErrors(response, prepared, accept);
    }
    const results = new OperationResults(prepared, controller);
    if (wantsEvents(prepared, accept)) {
      const headers = (first = {}) => headersOf(first, context.replyMeta);
      const stalledMs = asker.caller.timeoutMs ?? defaultTimeoutMs;
      const { clock } = ports;
      return await answerEvents({
        response,
        results,
        signal: gone,
        clock,
        stalledMs,
        headers,
        eventId: () => eventIds.take(),
        onErrors,
      });
    }
    const { value } = await results.next();
    const result: ExecutionResult = value ?? {};
    onErrors(result);
    answerJson(response, result, { accept, headers: headersOf(result, context.replyMeta) });
  } catch (error) {
    const result = { errors: [toShownError(error)] };
    onErrors(result);
    answerErrors(response, result, accept);
  }
}

function answerErrors(response: ServerResponse, result: ExecutionResult, accept: string | undefined): void {
  // The rest of a body that nobody asked for is not waited for.
  const rest: Headers = response.req.complete ? {} : { connection: "close" };
  const headers = { ...headersOf(result, undefined), ...rest };
  if (takesOnlyEvents(accept)) answerOneEvent(response, result, headers);
  else answerJson(response, result, { accept, headers });
}

/** GraphQL over HTTP has a status of its own for other media types. */
function requirePlainJson({ headers }: IncomingMessage): void {
  try {
    requireJson(headers);
  } catch (error) {
    throw error instanceof GatewayError ? new ShownError(error, { status: 415 }) : error;
  }
}

const takesOnlyEvents = (accept = "*/*"): boolean =>
  accept.includes("text/event-stream") && !accept.includes("*/*") && !accept.includes("json");

function wantsEvents({ kind }: Operation, accept = "*/*"): boolean {
  if (kind !== "subscription") return takesOnlyEvents(accept);
  if (/text\/event-stream|text\/\*|\*\/\*/.test(accept)) return true;
  throw new GatewayError({
    code: "invalid_request",
    field: "accept",
    message:
      "accept: a subscription is answered as text/event-stream. Accept that type, or subscribe by a websocket.",
  });
}
