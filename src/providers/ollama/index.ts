// Ollama's own API as a provider. Source: docs.ollama.com/api

import type { Provider } from "../../core/provider.ts";
import { type AnswerReader, chatOverHttp, sendOverHttp } from "../chat-over-http.ts";
import { embedOverHttp } from "../embed-over-http.ts";
import type { ProviderOptions } from "../provider-kind.ts";
import { createUpstream, defaultMaxAnswerBytes, defaultTimeouts } from "../upstream/create-upstream.ts";
import { ndjsonFraming } from "../upstream/ndjson.ts";
import type { UpstreamRequest } from "../upstream/upstream.ts";
import { buildEmbedRequest, readEmbedAnswer } from "./embeddings.ts";
import { readOllamaError, requestIdOf } from "./errors.ts";
import { readModelList } from "./models.ts";
import { buildOllamaRequest } from "./request.ts";
import { readOllamaAnswer } from "./response.ts";
import { createOllamaStreamDecoder } from "./stream.ts";

const reader: AnswerReader<string> = {
  framing: ndjsonFraming,
  readError: readOllamaError,
  requestIdOf,
  readAnswer: readOllamaAnswer,
  createStreamDecoder: createOllamaStreamDecoder,
};

const headers = { "content-type": "application/json", "user-agent": "sluice" };

const post = (path: string, body: unknown): UpstreamRequest => ({
  method: "POST",
  path,
  headers,
  body: JSON.stringify(body),
});

/** A base URL of the server's OpenAI-compatible API, which ends in `/v1`, serves too. A key is sent where there is one. */
export function createOllamaProvider(options: ProviderOptions): Provider {
  const { apiKey } = options;
  const signature: Readonly<Record<string, string>> =
    apiKey === "" ? {} : { authorization: `Bearer ${apiKey}` };
  const upstream = createUpstream({
    baseUrl: options.baseUrl.replace(/\/+$/, "").replace(/\/v1$/, ""),
    signer: () => Promise.resolve(signature),
    timeouts: options.timeouts ?? defaultTimeouts,
    allowsAddress: options.allowsAddress,
    maxAnswerBytes: defaultMaxAnswerBytes,
  });
  return {
    async chat(request, { model, delivery, signal }) {
      const { body, losses } = buildOllamaRequest(request, { model, delivery });
      return await chatOverHttp(
        { upstream, request: post("/api/chat", body), losses, reader },
        { delivery, signal },
      );
    },
    async embed(request, { model, signal }) {
      const { body, losses } = buildEmbedRequest(request, model);
      const readEmbedded = (text: string) => readEmbedAnswer(text, request);
      return embedOverHttp(
        { upstream, request: post("/api/embed", body), losses, reader: { ...reader, readEmbedded } },
        signal,
      );
    },
    async listModels(signal) {
      const request: UpstreamRequest = { method: "GET", path: "/api/tags", headers };
      const answer = await sendOverHttp({ upstream, request, reader }, signal);
      return readModelList(await answer.text());
    },
    close: () => upstream.close(),
  };
}
