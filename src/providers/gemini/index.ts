// Google's Gemini API as a provider. Source: ai.google.dev/api

import type { ListedModel } from "../../core/models.ts";
import type { Provider } from "../../core/provider.ts";
import { type AnswerReader, chatOverHttp, sendOverHttp } from "../chat-over-http.ts";
import type { ProviderOptions } from "../provider-kind.ts";
import { createUpstream, defaultMaxAnswerBytes, defaultTimeouts } from "../upstream/create-upstream.ts";
import { type SseFrame, sseFraming } from "../upstream/sse.ts";
import type { Upstream, UpstreamRequest } from "../upstream/upstream.ts";
import { buildEmbedBatches, joinAnswers, readEmbedAnswer } from "./embeddings.ts";
import type { EmbedAnswer } from "./embeddings.ts";
import { readGeminiError } from "./errors.ts";
import { resourcePath, splitBaseUrl } from "./model-name.ts";
import { readModelPage } from "./models.ts";
import { buildGeminiRequest } from "./request.ts";
import { readGeminiAnswer } from "./response.ts";
import { createGeminiStreamDecoder } from "./stream.ts";

const headers = { "content-type": "application/json", "user-agent": "sluice" };

const reader: AnswerReader<SseFrame> = {
  framing: sseFraming,
  readError: readGeminiError,
  readAnswer: readGeminiAnswer,
  createStreamDecoder: createGeminiStreamDecoder,
  // The vendor documents no header with an id of the request.
  requestIdOf: () => undefined,
};

const modelsAPage = 1000;
const maxPages = 10;

/** The base URL as the vendor's SDK has it, without the version of the API, or with one. */
export function createGeminiProvider(options: ProviderOptions): Provider {
  const { baseUrl, version } = splitBaseUrl(options.baseUrl);
  const signature: Record<string, string> = options.apiKey === "" ? {} : { "x-goog-api-key": options.apiKey };
  const upstream = createUpstream({
    baseUrl,
    signer: () => Promise.resolve(signature),
    timeouts: options.timeouts ?? defaultTimeouts,
    allowsAddress: options.allowsAddress,
    maxAnswerBytes: defaultMaxAnswerBytes,
  });
  return {
    async chat(request, context) {
      const { body, losses } = buildGeminiRequest(request, context);
      const method = context.delivery === "streamed" ? "streamGenerateContent?alt=sse" : "generateContent";
      const path = `${version}/${resourcePath(context.model)}:${method}`;
      return await chatOverHttp({ upstream, request: post(path, body), losses, reader }, context);
    },

    async embed(request, { model, signal }) {
      const { batches, losses } = buildEmbedBatches(request, model);
      const path = `${version}/${resourcePath(model)}:batchEmbedContents`;
      const answers: EmbedAnswer[] = [];
      let httpStatus = 200;
      for (const batch of batches) {
        const answer = await sendOverHttp({ upstream, request: post(path, batch), reader }, signal);
        httpStatus = answer.status;
        answers.push(readEmbedAnswer(await answer.text(), batch.requests.length));
      }
      return { losses, httpStatus, events: onlyEvent(joinAnswers(answers)) };
    },

    listModels: (signal) => listModels({ upstream, version }, signal),
    close: () => upstream.close(),
  };
}

const post = (path: string, body: object): UpstreamRequest => ({
  method: "POST",
  path,
  headers,
  body: JSON.stringify(body),
});

async function* onlyEvent<E>(event: E): AsyncGenerator<E, void, undefined> {
  yield event;
}

/** Up to ten pages of a thousand: far more than the vendor has. A page that names itself as the next is the last. */
async function listModels(
  { upstream, version }: { readonly upstream: Upstream; readonly version: string },
  signal: AbortSignal,
): Promise<readonly ListedModel[]> {
  const models = new Map<string, ListedModel>();
  let token: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    const query = token === undefined ? "" : `&pageToken=${encodeURIComponent(token.toWellFormed())}`;
    const request: UpstreamRequest = {
      method: "GET",
      path: `${version}/models?pageSize=${modelsAPage}${query}`,
      headers: { "user-agent": "sluice" },
    };
    const answer = await sendOverHttp({ upstream, request, reader }, signal);
    const read = readModelPage(await answer.text());
    for (const model of read.models) models.set(model.id, model);
    if (read.nextPageToken === undefined || read.nextPageToken === token) break;
    token = read.nextPageToken;
  }
  return [...models.values()];
}
