// The way of a request for embeddings over HTTP: what differs between vendors is handed in as pure functions.

import type { ProviderEmbedded } from "../core/embed/events.ts";
import type { ProviderReply } from "../core/provider.ts";
import type { Loss } from "../core/reply.ts";
import { type ErrorReader, sendOverHttp } from "./chat-over-http.ts";
import type { Upstream, UpstreamAnswer, UpstreamRequest } from "./upstream/upstream.ts";

/** As many texts as one call may hold, at 4096 dimensions of 22 characters each. */
const maxVectorsBytes = 2_048 * 4_096 * 22;

export interface EmbeddedReader extends ErrorReader {
  /** @throws ProviderError */
  readonly readEmbedded: (text: string) => ProviderEmbedded;
}

export interface HttpEmbedding {
  readonly upstream: Upstream;
  readonly request: UpstreamRequest;
  readonly losses: readonly Loss[];
  readonly reader: EmbeddedReader;
}

/** @throws ProviderError for an answer that is none; what breaks later is thrown by the events */
export async function embedOverHttp(
  { upstream, request, losses, reader }: HttpEmbedding,
  signal: AbortSignal,
): Promise<ProviderReply<ProviderEmbedded>> {
  const answer = await sendOverHttp({ upstream, request, reader }, signal);
  return {
    losses,
    upstreamRequestId: reader.requestIdOf(answer.headers),
    httpStatus: answer.status,
    events: embeddedEvents(answer, reader),
  };
}

async function* embeddedEvents(
  answer: UpstreamAnswer,
  reader: EmbeddedReader,
): AsyncGenerator<ProviderEmbedded, void, undefined> {
  yield reader.readEmbedded(await answer.text(maxVectorsBytes));
}
