// The way of a chat over HTTP that all adapters share: send, sort an error out, read the answer whole or as a
// stream. What differs between vendors is handed in as pure functions.

import type { ProviderChatEvent } from "../core/chat/events.ts";
import type { AttemptContext, ProviderReply } from "../core/provider.ts";
import { ProviderError } from "../core/provider-error.ts";
import type { Loss } from "../core/reply.ts";
import { decodeStream, type StreamDecoder } from "./decode-stream.ts";
import { keepConnection } from "./upstream/keep-connection.ts";
import type { SseFrame, Upstream, UpstreamAnswer, UpstreamRequest } from "./upstream/upstream.ts";
import { isJsonObject, parseJson } from "./vendor-json.ts";

/** An answer whose body was read whole. */
export interface WholeAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** How a vendor's answers are read. */
export interface AnswerReader {
  /** For an error status, and for a 200 that holds an error where a stream was asked for. */
  readonly readError: (answer: WholeAnswer) => ProviderError;
  /** @throws ProviderError */
  readonly readAnswer: (text: string) => readonly ProviderChatEvent[];
  readonly createStreamDecoder: () => StreamDecoder<SseFrame>;
  readonly requestIdOf: (headers: Readonly<Record<string, string>>) => string | undefined;
}

export interface HttpChat {
  readonly upstream: Upstream;
  readonly request: UpstreamRequest;
  readonly losses: readonly Loss[];
  readonly reader: AnswerReader;
}

/** @throws ProviderError for an answer that is none; what breaks later is thrown by the events */
export async function chatOverHttp(
  { upstream, request, losses, reader }: HttpChat,
  { delivery, signal }: Pick<AttemptContext, "delivery" | "signal">,
): Promise<ProviderReply<ProviderChatEvent>> {
  const answer = await upstream.send(request, signal);
  if (answer.status < 200 || answer.status > 299) throw await errorOf(answer, reader);
  return {
    losses,
    upstreamRequestId: reader.requestIdOf(answer.headers),
    httpStatus: answer.status,
    events: delivery === "streamed" ? await streamedEvents(answer, reader) : wholeEvents(answer, reader),
  };
}

/** An error status tells enough where its body does not come whole. */
async function errorOf(answer: UpstreamAnswer, reader: AnswerReader): Promise<ProviderError> {
  const { status, headers } = answer;
  let text = "";
  try {
    text = await answer.text();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
  }
  return reader.readError({ status, headers, text });
}

async function streamedEvents(
  answer: UpstreamAnswer,
  reader: AnswerReader,
): Promise<AsyncIterable<ProviderChatEvent>> {
  const { status, headers } = answer;
  if (/^text\/event-stream\b/i.test(headers["content-type"] ?? "")) {
    const decoder = reader.createStreamDecoder();
    const batches = keepConnection(answer.frames(), () => decoder.isComplete());
    return decodeStream(batches, decoder);
  }
  const text = await answer.text();
  const body = parseJson(text);
  if (isJsonObject(body) && body["error"] !== undefined && body["error"] !== null) {
    throw reader.readError({ status, headers, text });
  }
  throw new ProviderError({
    failure: "broken_reply",
    message:
      "A stream was asked of the provider, and something else came. Check the provider's base URL in the configuration.",
    httpStatus: status,
  });
}

// The body is read by whoever reads the events: by then the attempt knows the answer's status and id.
async function* wholeEvents(
  answer: UpstreamAnswer,
  reader: AnswerReader,
): AsyncGenerator<ProviderChatEvent, void, undefined> {
  for (const event of reader.readAnswer(await answer.text())) yield event;
}
