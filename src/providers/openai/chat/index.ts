// A provider that speaks OpenAI's Chat Completions.

import type { Provider } from "../../../core/provider.ts";
import { type AnswerReader, chatOverHttp } from "../../chat-over-http.ts";
import type { ProviderOptions } from "../../provider-kind.ts";
import { createUpstream, defaultMaxAnswerBytes, defaultTimeouts } from "../../upstream/create-upstream.ts";
import { type SseFrame, sseFraming } from "../../upstream/sse.ts";
import type { UpstreamRequest } from "../../upstream/upstream.ts";
import { readOpenAiError, requestIdOf } from "../errors.ts";
import { addressOf } from "./address.ts";
import type { FamilyMember } from "./family-member.ts";
import { begunAnswer, withoutEcho } from "./prefill.ts";
import { buildOpenAiRequest } from "./request.ts";
import { readOpenAiAnswer } from "./response.ts";
import { sideCalls } from "./side-calls.ts";
import { createOpenAiStreamDecoder } from "./stream.ts";

export interface OpenAiProviderOptions extends ProviderOptions {
  readonly member: FamilyMember;
}

export function createOpenAiProvider(options: OpenAiProviderOptions): Provider {
  const { apiKey, settings = {} } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const member = { ...options.member, ...options.member.adaptionTo?.({ baseUrl, settings }) };
  const signature = member.authOf({ apiKey, settings });
  const headers = { "content-type": "application/json", "user-agent": "sluice", ...member.headers };
  const upstream = createUpstream({
    baseUrl,
    signer: () => Promise.resolve(signature),
    timeouts: options.timeouts ?? defaultTimeouts,
    allowsAddress: options.allowsAddress,
    maxAnswerBytes: defaultMaxAnswerBytes,
  });
  const reader: AnswerReader<SseFrame> = {
    framing: sseFraming,
    readError: (answer) => readOpenAiError(answer, member),
    readAnswer: (text) => readOpenAiAnswer(text, member),
    createStreamDecoder: () => createOpenAiStreamDecoder(member),
    requestIdOf: (answerHeaders) => requestIdOf(answerHeaders, member),
  };
  return {
    async chat(request, { model, delivery, heldToModel, signal }) {
      const address = addressOf(member, { call: "chat", model, baseUrl, settings });
      const built = buildOpenAiRequest(request, {
        model,
        wireModel: address.model,
        delivery,
        heldToModel,
        member,
      });
      const message: UpstreamRequest = {
        method: "POST",
        path: address.path,
        headers,
        body: JSON.stringify(built.body),
      };
      const reply = await chatOverHttp(
        { upstream, request: message, losses: built.losses, reader },
        { delivery, signal },
      );
      const begun = member.echoesPrefill === true ? begunAnswer(request) : undefined;
      return begun === undefined ? reply : { ...reply, events: withoutEcho(reply.events, begun) };
    },
    ...sideCalls({ upstream, member, baseUrl, settings, headers, reader }),
    close: () => upstream.close(),
  };
}
