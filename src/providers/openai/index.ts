// A provider that speaks OpenAI's Chat Completions.

import type { Provider } from "../../core/provider.ts";
import { type AnswerReader, chatOverHttp } from "../chat-over-http.ts";
import { createUpstream, defaultMaxAnswerBytes, defaultTimeouts } from "../upstream/create-upstream.ts";
import type { UpstreamRequest, UpstreamTimeouts } from "../upstream/upstream.ts";
import { readOpenAiError, requestIdOf } from "./errors.ts";
import type { FamilyMember } from "./family.ts";
import { buildOpenAiRequest } from "./request.ts";
import { readOpenAiAnswer } from "./response.ts";
import { createOpenAiStreamDecoder } from "./stream.ts";

export interface OpenAiProviderOptions {
  readonly member: FamilyMember;
  /** In the convention of the vendor's own SDK. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly timeouts?: UpstreamTimeouts | undefined;
}

export function createOpenAiProvider(options: OpenAiProviderOptions): Provider {
  const { member, apiKey } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const path = `${baseUrl.endsWith(member.basePath) ? "" : member.basePath}/chat/completions`;
  const signature = { authorization: `Bearer ${apiKey}` };
  const headers = { "content-type": "application/json", "user-agent": "sluice", ...member.headers };
  const upstream = createUpstream({
    baseUrl,
    signer: () => Promise.resolve(signature),
    timeouts: options.timeouts ?? defaultTimeouts,
    maxAnswerBytes: defaultMaxAnswerBytes,
  });
  const reader: AnswerReader = {
    readError: (answer) => readOpenAiError(answer, member),
    readAnswer: (text) => readOpenAiAnswer(text, member),
    createStreamDecoder: () => createOpenAiStreamDecoder(member),
    requestIdOf: (answerHeaders) => requestIdOf(answerHeaders, member),
  };
  return {
    async chat(request, { model, delivery, signal }) {
      const { body, losses } = buildOpenAiRequest(request, { model, delivery, member });
      const message: UpstreamRequest = { method: "POST", path, headers, body: JSON.stringify(body) };
      return chatOverHttp({ upstream, request: message, losses, reader }, { delivery, signal });
    },
    close: () => upstream.close(),
  };
}
