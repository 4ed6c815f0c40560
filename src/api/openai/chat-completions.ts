// `POST /v1/chat/completions`: one call, answered whole or as a stream.

import type { IncomingMessage, ServerResponse } from "node:http";
import { type CallOptions, defaultTimeoutMs } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { toGatewayError } from "../../core/errors.ts";
import type { Gateway } from "../../core/gateway.ts";
import type { ReplyMeta } from "../../core/reply.ts";
import { readCaller } from "../caller.ts";
import { callerGone, connectionOf } from "../http-front-end.ts";
import { pump } from "../pump.ts";
import { replyHeaders } from "../reply-headers.ts";
import { createChunkMapper } from "./chunk-mapping.ts";
import { readJsonBody } from "./completion-body.ts";
import { errorEvent } from "./error-answer.ts";
import { openEventStream } from "../event-stream.ts";
import { inOpenAiWords } from "./field-names.ts";
import { completionJson } from "./reply-mapping.ts";
import { type AskedCompletion, readCompletionRequest } from "./request-mapping.ts";
import { sendJsonText } from "./send-json-text.ts";

export interface CompletionPorts {
  readonly gateway: Gateway;
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  readonly heartbeatMs: number;
}

interface Exchange {
  readonly asked: AskedCompletion;
  readonly options: CallOptions;
  readonly gone: AbortSignal;
  readonly withMeta: boolean;
  readonly response: ServerResponse;
}

/** @throws GatewayError as long as no header was sent */
export async function answerCompletion(
  ports: CompletionPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const caller = await readCaller(ports.gateway.access, connectionOf(request));
  const asked = readCompletionRequest(await readJsonBody(request, ports.maxBodyBytes));
  const gone = callerGone(response);
  const exchange: Exchange = {
    asked,
    options: { ...caller, signal: gone },
    gone,
    withMeta: request.headers["x-sluice-meta"] === "1",
    response,
  };
  await (asked.stream ? streamCompletion(ports, exchange) : sendCompletion(ports, exchange));
}

async function sendCompletion({ gateway }: CompletionPorts, exchange: Exchange): Promise<void> {
  const { asked, options, response, withMeta } = exchange;
  try {
    const reply = await gateway.chat(asked.request, options);
    sendJsonText(response, completionJson(reply, withMeta), headersFor(reply.meta));
  } catch (error) {
    throw inOpenAiWords(toGatewayError(error), asked.request);
  }
}

async function streamCompletion(ports: CompletionPorts, exchange: Exchange): Promise<void> {
  const { asked, options, gone, response } = exchange;
  const stream = openEventStream({
    response,
    clock: ports.clock,
    heartbeatMs: ports.heartbeatMs,
    stalledMs: options.timeoutMs ?? defaultTimeoutMs,
    earlyHeaders: options.correlationId === undefined ? {} : { "x-request-id": options.correlationId },
  });
  const chunkOf = createChunkMapper({ includeUsage: asked.includeUsage, withMeta: exchange.withMeta });
  try {
    const reply = await ports.gateway.stream(asked.request, options);
    stream.begin(headersFor(reply.meta));
    await pump({
      events: reply.events,
      write(event) {
        const text = chunkOf(event);
        return text === "" || stream.write(text);
      },
      drained: (signal) => stream.drained(signal),
      signal: gone,
    });
    response.end();
  } catch (error) {
    if (gone.aborted) return;
    const known = inOpenAiWords(toGatewayError(error), asked.request);
    if (!response.headersSent) throw known;
    response.end(errorEvent(known));
  } finally {
    stream.stop();
  }
}

function headersFor(meta: ReplyMeta): Record<string, string> {
  const headers = replyHeaders(meta);
  headers["x-request-id"] ??= meta.requestId;
  return headers;
}
