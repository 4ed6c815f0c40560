// The way of a chat over HTTP that all adapters share: send, sort an error out, read the answer whole or as a
// stream. What differs between vendors is handed in as pure functions.

import type { ProviderChatEvent } from "../core/chat/events.ts";
import { EventsAtOnce } from "../core/events-at-once.ts";
import type { AttemptContext, ProviderReply } from "../core/provider.ts";
import { ProviderError } from "../core/provider-error.ts";
import type { Loss } from "../core/reply.ts";
import { decodeStream, type StreamDecoder } from "./decode-stream.ts";
import { keepConnection } from "./upstream/keep-connection.ts";
import type { Framing, Upstream, UpstreamAnswer, UpstreamRequest } from "./upstream/upstream.ts";
import { isJsonObject, parseJson, saysSomething, textIn } from "./vendor-json.ts";

/** An answer whose body was read whole. */
export interface WholeAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** How a vendor tells of failures, and its id of a request. */
export interface ErrorReader {
  /** For an error status, and for a 200 that holds an error where a stream was asked for. */
  readonly readError: (answer: WholeAnswer) => ProviderError;
  readonly requestIdOf: (headers: Readonly<Record<string, string>>) => string | undefined;
}

/** How a vendor's answers are read; a stream comes in frames of type `F`. */
export interface AnswerReader<F> extends ErrorReader {
  /** @throws ProviderError */
  readonly readAnswer: (text: string) => readonly ProviderChatEvent[];
  readonly framing: Framing<F>;
  readonly createStreamDecoder: () => StreamDecoder<F>;
}

export interface HttpChat<F> {
  readonly upstream: Upstream;
  readonly request: UpstreamRequest;
  readonly losses: readonly Loss[];
  readonly reader: AnswerReader<F>;
}

/** @throws ProviderError for an answer that is none; what breaks later is thrown by the events */
export async function chatOverHttp<F>(
  { upstream, request, losses, reader }: HttpChat<F>,
  { delivery, signal }: Pick<AttemptContext, "delivery" | "signal">,
): Promise<ProviderReply<ProviderChatEvent>> {
  const answer = await sendOverHttp({ upstream, request, reader }, signal);
  const upstreamRequestId = reader.requestIdOf(answer.headers);
  try {
    return {
      losses,
      upstreamRequestId,
      httpStatus: answer.status,
      events: delivery === "streamed" ? await streamedEvents(answer, reader) : wholeEvents(answer, reader),
    };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw withRequest(error, { status: answer.status, upstreamRequestId });
  }
}

/** The attempt gets no reply that would tell these. */
const withRequest = (
  error: ProviderError,
  answer: { readonly status: number; readonly upstreamRequestId: string | undefined },
): ProviderError =>
  new ProviderError({
    failure: error.failure,
    message: error.message,
    ownWords: error.ownWords,
    httpStatus: error.httpStatus ?? answer.status,
    upstreamRequestId: error.upstreamRequestId ?? answer.upstreamRequestId,
    retryAfterMs: error.retryAfterMs,
    wholeProvider: error.wholeProvider,
    cause: error.cause,
  });

/** The answer, where its status is a good one. @throws ProviderError */
export async function sendOverHttp(
  {
    upstream,
    request,
    reader,
  }: { readonly upstream: Upstream; readonly request: UpstreamRequest; readonly reader: ErrorReader },
  signal: AbortSignal,
): Promise<UpstreamAnswer> {
  const answer = await upstream.send(request, signal);
  if (answer.status < 200 || answer.status > 299) throw await errorOf(answer, reader);
  return answer;
}

/** An error status tells enough where its body does not come whole. */
async function errorOf(answer: UpstreamAnswer, reader: ErrorReader): Promise<ProviderError> {
  const { status, headers } = answer;
  let text = "";
  try {
    text = await answer.text();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
  }
  return reader.readError({ status, headers, text });
}

async function streamedEvents<F>(
  answer: UpstreamAnswer,
  reader: AnswerReader<F>,
): Promise<AsyncIterable<ProviderChatEvent>> {
  const { status, headers } = answer;
  if (reader.framing.contentType.test(headers["content-type"] ?? "")) {
    const decoder = reader.createStreamDecoder();
    const batches = keepConnection(answer.frames(reader.framing), () => decoder.isComplete());
    return decodeStream(batches, decoder);
  }
  const text = await answer.text();
  const body = parseJson(text);
  if (isJsonObject(body) && (saysSomething(body["error"]) || textIn(body["message"]) !== undefined)) {
    throw reader.readError({ status, headers, text });
  }
  throw new ProviderError({
    failure: "broken_reply",
    message:
      "A stream was asked of the provider, and something else came. Check the provider's base URL in the configuration.",
    ownWords: true,
  });
}

// The body is read by whoever reads the events: by then the attempt knows the answer's status and id.
const wholeEvents = <F>(answer: UpstreamAnswer, reader: AnswerReader<F>): AsyncIterable<ProviderChatEvent> =>
  new EventsAtOnce(() => answer.text().then(reader.readAnswer));
