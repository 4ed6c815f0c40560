// Amazon Bedrock's Converse API as a provider.
// Source: docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference.html

import type { Provider } from "../../core/provider.ts";
import { ProviderError } from "../../core/provider-error.ts";
import { type AnswerReader, chatOverHttp } from "../chat-over-http.ts";
import type { ProviderOptions } from "../provider-kind.ts";
import { type AwsEventFrame, awsEventStreamFraming } from "../upstream/aws-event-stream.ts";
import { createUpstream, defaultMaxAnswerBytes, defaultTimeouts } from "../upstream/create-upstream.ts";
import type { UpstreamRequest } from "../upstream/upstream.ts";
import { baseUrlOf, signerOf } from "./credentials.ts";
import { readBedrockError, requestIdOf } from "./errors.ts";
import { buildBedrockRequest } from "./request.ts";
import { readBedrockAnswer } from "./response.ts";
import { encodePathPart } from "./path-part.ts";
import { createBedrockStreamDecoder } from "./stream.ts";

const headers = { "content-type": "application/json", "user-agent": "sluice" };

/**
 * Settings: `region`, and `accessKeyId` with `secretAccessKey` (and `sessionToken`) where there is no API key. The
 * base URL may be empty: the region's own endpoint.
 */
export function createBedrockProvider(options: ProviderOptions): Provider {
  const upstream = createUpstream({
    baseUrl: baseUrlOf(options),
    signer: signerOf(options, Date.now),
    timeouts: options.timeouts ?? defaultTimeouts,
    allowsAddress: options.allowsAddress,
    maxAnswerBytes: defaultMaxAnswerBytes,
  });
  return {
    async chat(request, { model, delivery, signal }) {
      if (/^\.{0,2}$/.test(model)) throw noModel();
      const { body, losses } = buildBedrockRequest(request, model);
      const operation = delivery === "streamed" ? "converse-stream" : "converse";
      const message: UpstreamRequest = {
        method: "POST",
        path: `/model/${encodePathPart(model)}/${operation}`,
        headers,
        body: JSON.stringify(body),
      };
      return await chatOverHttp(
        { upstream, request: message, losses, reader: readerFor(model) },
        { delivery, signal },
      );
    },
    close: () => upstream.close(),
  };
}

const readerFor = (model: string): AnswerReader<AwsEventFrame> => ({
  framing: awsEventStreamFraming,
  readError: readBedrockError,
  requestIdOf,
  readAnswer: (text) => readBedrockAnswer(text, model),
  createStreamDecoder: () => createBedrockStreamDecoder(model),
});

// The address names the model; a path of dots would name another resource.
const noModel = (): ProviderError =>
  new ProviderError({
    failure: "model_unavailable",
    message: "Bedrock has no model of that name.",
    ownWords: true,
  });
