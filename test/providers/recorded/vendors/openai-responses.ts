// The Responses API as a format whose recordings are read: OpenAI's own, and those of others that speak it.

import { createResponsesProvider } from "../../../../src/providers/openai/responses/index.ts";
import { readOpenAiError } from "../../../../src/providers/openai/errors.ts";
import {
  azureResponses,
  deepSeekResponses,
  openAiResponses,
  openRouterResponses,
  xAiResponses,
} from "../../../../src/providers/openai/responses/members.ts";
import type { ResponsesMember } from "../../../../src/providers/openai/responses/member.ts";
import { readResponsesAnswer } from "../../../../src/providers/openai/responses/response.ts";
import { createResponsesStreamDecoder } from "../../../../src/providers/openai/responses/stream.ts";
import { sseFraming } from "../../../../src/providers/upstream/sse.ts";
import { askedOfResponses } from "../expected-responses-request.ts";
import type { AskedOf } from "../expected-responses-request.ts";
import { expectResponses, isResponsesEnd } from "../expected-responses.ts";
import { cutBy } from "../vendor.ts";
import type { Vendor } from "../vendor.ts";
import { wholeFrom } from "../wire-events.ts";

/** `folder` is that of the recordings; `asked` tells how the vendor's requests are meant. */
const responsesApi = (folder: string, member: ResponsesMember, asked: Omit<AskedOf, "kind">): Vendor => {
  const context = { member, maker: asked.maker };
  return {
    reads: ({ provider, path, kind }) =>
      provider === folder &&
      (folder === "openai-responses" || path.endsWith("/responses")) &&
      (kind === "chat" || kind === "error"),
    cut: cutBy(sseFraming, () => createResponsesStreamDecoder(context)),
    endsWithBody: false,
    wholeFromByte: ({ body }) => wholeFrom(body, isResponsesEnd),
    readAnswer: (text) => readResponsesAnswer(text, context),
    readError: (answer) => readOpenAiError(answer, member),
    provider: (baseUrl) => createResponsesProvider({ member, baseUrl, apiKey: "a-key" }),
    path: () => /\/responses$/,
    requestIdHeader: folder === "azure-openai" ? "apim-request-id" : "x-request-id",
    expect: expectResponses,
    readRequest: (request) => askedOfResponses(request, { kind: member.kind, ...asked }),
  };
};

export const responsesVendors: readonly Vendor[] = [
  responsesApi("openai-responses", openAiResponses, { maker: "openai", stores: true }),
  responsesApi("azure-openai", azureResponses, { maker: "openai", stores: true }),
  responsesApi("xai", xAiResponses, { maker: "xai", stores: true }),
  responsesApi("deepseek", deepSeekResponses, { maker: "deepseek", stores: false }),
  responsesApi("openrouter", openRouterResponses, { maker: "openai", stores: false }),
  // A local server that speaks it as OpenAI does.
  responsesApi("openai-compatible", openAiResponses, { maker: "openai", stores: true }),
];
