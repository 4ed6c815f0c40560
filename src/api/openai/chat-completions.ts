// `POST /v1/chat/completions`: one call, answered whole or as a stream.

import type { IncomingMessage, ServerResponse } from "node:http";
import { type CallOptions, defaultTimeoutMs } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import type { ChatEvent } from "../../core/chat/events.ts";
import { validateChatRequest } from "../../core/chat/validate.ts";
import { type GatewayError, invalidRequest } from "../../core/errors.ts";
import type { Gateway } from "../../core/gateway.ts";
import type { Numbered, Reply, ReplyMeta } from "../../core/reply.ts";
import { watchEvents } from "../../core/watch-events.ts";
import { type Connection, readCaller } from "../caller.ts";
import { callerGone, connectionOf } from "../http-front-end.ts";
import type { KnownError } from "../known-error.ts";
import { pump } from "../pump.ts";
import { answerHeaders } from "./answer-headers.ts";
import { type ChunkMapper, createChunkMapper } from "./chunk-mapping.ts";
import { errorEvent } from "./error-answer.ts";
import { openEventStream } from "../event-stream.ts";
import { chatField, inOpenAiWords } from "./field-names.ts";
import { readJsonBody } from "../json-body.ts";
import { completionJson } from "./reply-mapping.ts";
import { type AskedCompletion, readCompletionRequest } from "./request-mapping.ts";
import { type ChunkText, chunksWithIds, openAgain } from "./resumable-chunks.ts";
import { readPosition, type StreamPosition } from "../stream-position.ts";
import { sendJsonText } from "../send-json-text.ts";

export interface CompletionPorts {
  readonly gateway: Gateway;
  readonly maxBodyBytes: number;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly known: KnownError;
}

interface Exchange {
  readonly asked: AskedCompletion;
  /** What the client has had of a stream that it asks for the rest of. */
  readonly after: StreamPosition | undefined;
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
  const connection = connectionOf(request);
  const caller = await readCaller(ports.gateway.access, connection);
  const asked = readCompletionRequest(await readJsonBody(request, ports.maxBodyBytes));
  const gone = callerGone(response);
  const exchange: Exchange = {
    asked,
    after: positionFor(asked, connection),
    options: { ...caller, signal: gone },
    gone,
    withMeta: request.headers["x-sluice-meta"] === "1",
    response,
  };
  await (asked.stream ? streamCompletion(ports, exchange) : sendCompletion(ports, exchange));
}

/** @throws GatewayError `invalid_request` */
function positionFor({ stream }: AskedCompletion, { header }: Connection): StreamPosition | undefined {
  const position = readPosition(header("last-event-id"));
  if (position === undefined || stream) return position;
  throw invalidRequest(
    "stream",
    "must be true with last-event-id, which asks for the rest of a stream; or leave that header out",
  );
}

async function sendCompletion({ gateway, known }: CompletionPorts, exchange: Exchange): Promise<void> {
  const { asked, options, response, withMeta } = exchange;
  try {
    const reply = await gateway.chat(asked.request, options);
    sendJsonText(response, completionJson(reply, withMeta), answerHeaders(reply.meta));
  } catch (error) {
    throw wordedFor(asked, known(error));
  }
}

const wordedFor = ({ request }: AskedCompletion, error: GatewayError): GatewayError =>
  inOpenAiWords(error, (field) => chatField(field, request));

async function streamCompletion(ports: CompletionPorts, exchange: Exchange): Promise<void> {
  const { asked, options, gone, response } = exchange;
  const stream = openEventStream({
    response,
    clock: ports.clock,
    heartbeatMs: ports.heartbeatMs,
    stalledMs: options.timeoutMs ?? defaultTimeoutMs,
    earlyHeaders: options.correlationId === undefined ? {} : { "x-request-id": options.correlationId },
  });
  const mapper = createChunkMapper({ includeUsage: asked.includeUsage, withMeta: exchange.withMeta });
  try {
    const reply = await openStream(ports.gateway, exchange);
    stream.begin(answerHeaders(reply.meta));
    const text = chunkText(mapper, reply.meta, exchange);
    // Mapped as part of the stream: where a seam cannot be told, that is how the call ends on its record too.
    const chunks = watchEvents(reply.events, {
      event: text,
      ended() {},
      failed: (error) => error,
      left() {},
    });
    await pump({
      events: chunks,
      write: (text) => text === "" || stream.write(text),
      drained: (signal) => stream.drained(signal),
      signal: gone,
    });
    response.end();
  } catch (error) {
    if (gone.aborted) return;
    const worded = wordedFor(asked, ports.known(error));
    if (!response.headersSent) throw worded;
    response.end(mapper.brokenOff() + errorEvent(worded));
  } finally {
    stream.stop();
  }
}

/** The body of a client that goes on is checked as it was before, but nothing is asked anew. @throws GatewayError */
async function openStream(
  gateway: Gateway,
  { asked, after, options, gone }: Exchange,
): Promise<Reply<Numbered<ChatEvent>>> {
  if (after === undefined) return gateway.stream(asked.request, options);
  validateChatRequest(asked.request);
  return openAgain(gateway, after, { ...options, signal: gone });
}

function chunkText(mapper: ChunkMapper, { requestId }: ReplyMeta, { after, options }: Exchange): ChunkText {
  if (after === undefined && options.resumable !== true) return (event) => mapper.chunks(event);
  return chunksWithIds(mapper, after?.callId ?? requestId, after);
}
