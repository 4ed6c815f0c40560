// A provider that speaks OpenAI's Responses API.

import type { Provider } from "../../../core/provider.ts";
import { type AnswerReader, chatOverHttp } from "../../chat-over-http.ts";
import type { ProviderOptions } from "../../provider-kind.ts";
import { createUpstream, defaultMaxAnswerBytes, defaultTimeouts } from "../../upstream/create-upstream.ts";
import { type SseFrame, sseFraming } from "../../upstream/sse.ts";
import type { UpstreamRequest } from "../../upstream/upstream.ts";
import { readOpenAiError, requestIdOf } from "../errors.ts";
import { addressOf } from "./address.ts";
import type { ResponsesMember } from "./member.ts";
import { buildResponsesRequest } from "./request.ts";
import { readResponsesAnswer } from "./response.ts";
import { createResponsesStreamDecoder } from "./stream.ts";

export interface ResponsesProviderOptions extends ProviderOptions {
  readonly member: ResponsesMember;
}

export function createResponsesProvider(options: ResponsesProviderOptions): Provider {
  const { member, apiKey, settings = {} } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const signature = member.authOf({ apiKey, settings });
  const headers = { "content-type": "application/json", "user-agent": "sluice", ...member.headers };
  const upstream = createUpstream({
    baseUrl,
    signer: () => Promise.resolve(signature),
    timeouts: options.timeouts ?? defaultTimeouts,
    allowsAddress: options.allowsAddress,
    maxAnswerBytes: defaultMaxAnswerBytes,
  });
  const readerFor = (model: string): AnswerReader<SseFrame> => {
    const context = { member, maker: member.makerOf(model) };
    return {
      framing: sseFraming,
      readError: (answer) => readOpenAiError(answer, member),
      readAnswer: (text) => readResponsesAnswer(text, context),
      createStreamDecoder: () => createResponsesStreamDecoder(context),
      requestIdOf: (answerHeaders) => requestIdOf(answerHeaders, member),
    };
  };
  return {
    async chat(request, { model, delivery, heldToModel, signal }) {
      const { path, model: sent } = addressOf(member, { baseUrl, model, settings });
      const { body, losses } = buildResponsesRequest(request, {
        model,
        delivery,
        heldToModel,
        member,
      });
      const message: UpstreamRequest = {
        method: "POST",
        path,
        headers,
        body: JSON.stringify({ ...body, model: sent }),
      };
      const reader = readerFor(model);
      return await chatOverHttp({ upstream, request: message, losses, reader }, { delivery, signal });
    },
    close: () => upstream.close(),
  };
}
