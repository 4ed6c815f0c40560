// Anthropic's Messages API as a provider. Source: platform.claude.com/docs/en/api/messages

import type { Provider } from "../../core/provider.ts";
import { type AnswerReader, chatOverHttp, sendOverHttp } from "../chat-over-http.ts";
import type { AddressCheck } from "../upstream/checked-address.ts";
import { createUpstream, defaultMaxAnswerBytes, defaultTimeouts } from "../upstream/create-upstream.ts";
import { requestIdIn } from "../upstream/request-id.ts";
import { type SseFrame, sseFraming } from "../upstream/sse.ts";
import type { UpstreamRequest, UpstreamTimeouts } from "../upstream/upstream.ts";
import { readAnthropicError } from "./errors.ts";
import { listAnthropicModels } from "./models.ts";
import { buildAnthropicRequest } from "./request.ts";
import { readAnthropicAnswer } from "./response.ts";
import { createAnthropicStreamDecoder } from "./stream.ts";

export interface AnthropicProviderOptions {
  /** As the vendor's SDK has it, without `/v1`: https://api.anthropic.com */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly timeouts?: UpstreamTimeouts | undefined;
  /** Asked for each connection; absent: any address. */
  readonly allowsAddress?: AddressCheck | undefined;
}

const fixedHeaders = {
  "content-type": "application/json",
  "user-agent": "sluice",
  "anthropic-version": "2023-06-01",
};

const reader: AnswerReader<SseFrame> = {
  framing: sseFraming,
  readError: readAnthropicError,
  readAnswer: readAnthropicAnswer,
  createStreamDecoder: createAnthropicStreamDecoder,
  requestIdOf: (headers) => requestIdIn(headers, ["request-id"]),
};

export function createAnthropicProvider(options: AnthropicProviderOptions): Provider {
  const signature = { "x-api-key": options.apiKey };
  const upstream = createUpstream({
    baseUrl: options.baseUrl.replace(/\/+$/, ""),
    signer: () => Promise.resolve(signature),
    timeouts: options.timeouts ?? defaultTimeouts,
    allowsAddress: options.allowsAddress,
    maxAnswerBytes: defaultMaxAnswerBytes,
  });
  return {
    async chat(request, context) {
      const { body, betas, losses } = buildAnthropicRequest(request, context);
      const headers =
        betas.length === 0 ? fixedHeaders : { ...fixedHeaders, "anthropic-beta": betas.join(",") };
      const message: UpstreamRequest = {
        method: "POST",
        path: "/v1/messages",
        headers,
        body: JSON.stringify(body),
      };
      return await chatOverHttp({ upstream, request: message, losses, reader }, context);
    },
    listModels: (signal) =>
      listAnthropicModels(async (path) => {
        const request: UpstreamRequest = { method: "GET", path, headers: fixedHeaders };
        return (await sendOverHttp({ upstream, request, reader }, signal)).text();
      }),
    close: () => upstream.close(),
  };
}
