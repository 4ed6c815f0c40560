// The OpenAI face by OpenAI's own client: what a tool that uses it shows.

import OpenAI, { APIError } from "openai";
import { z } from "zod";
import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import type { EmbedRequest } from "../../../../src/core/embed/request.ts";
import type { CallWords, FrontEndClient } from "../client.ts";
import { embedOutcomeOfFailure, type Failure, outcomeOfFailure } from "../gather-outcome.ts";
import { callHeaders } from "./call-headers.ts";
import { createChunkGatherer } from "./openai-chunks.ts";
import { openAiEmbedRequest, outcomeOfEmbeddings } from "./openai-embeddings.ts";
import { openAiRequest } from "./openai-request.ts";
import { chunkSchema, openAiFailure, usageOf } from "./openai-wire.ts";

type Body = OpenAI.ChatCompletionCreateParamsNonStreaming;

type EmbedBody = OpenAI.EmbeddingCreateParams;

const embedBodyOf = (request: EmbedRequest): EmbedBody =>
  JSON.parse(JSON.stringify(openAiEmbedRequest(request)));
const bodyOf = (request: ChatRequest): Body => JSON.parse(JSON.stringify(openAiRequest(request)));
const optionsOf = (words: CallWords) => ({ headers: callHeaders(words), signal: words.signal ?? null });

export function createOfficialOpenAiClient(baseUrl: string): FrontEndClient {
  // The gateway is keyless unless a call brings a key: any other is no key of its own.
  const client = new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: "none", maxRetries: 0 });
  return {
    name: "openai npm",
    async chat(request, words = {}) {
      try {
        const answer = await client.chat.completions.create(bodyOf(request), optionsOf(words));
        const [choice] = answer.choices;
        return {
          text: choice?.message.content ?? "",
          reasoning: "",
          refusal: choice?.message.refusal ?? "",
          toolCalls: (choice?.message.tool_calls ?? []).flatMap((call) =>
            call.type === "function"
              ? [{ id: call.id, name: call.function.name, argumentsJson: call.function.arguments }]
              : [],
          ),
          finishReason: choice?.finish_reason,
          usage: answer.usage && usageOf(answer.usage),
        };
      } catch (error) {
        return outcomeOfFailure(failureOf(error));
      }
    },
    async stream(request, words = {}) {
      const gatherer = createChunkGatherer(words.onContent);
      try {
        const chunks = await client.chat.completions.create(
          { ...bodyOf(request), stream: true, stream_options: { include_usage: true } },
          optionsOf(words),
        );
        for await (const chunk of chunks) gatherer.add(withoutReasoning(chunk));
        return { ...gatherer.outcome(), proofs: undefined };
      } catch (error) {
        return { ...gatherer.outcome(failureOf(error)), proofs: undefined };
      }
    },
    // It asks for base64 by itself, and hands out numbers.
    async embed(request, words = {}) {
      try {
        return outcomeOfEmbeddings(await client.embeddings.create(embedBodyOf(request), optionsOf(words)));
      } catch (error) {
        return embedOutcomeOfFailure(failureOf(error));
      }
    },
    close() {},
  };
}

/** The client's types know no reasoning. */
function withoutReasoning(chunk: OpenAI.ChatCompletionChunk): z.infer<typeof chunkSchema> {
  const known = chunkSchema.parse(chunk);
  for (const { delta } of known.choices) delete delta.reasoning_content;
  return known;
}

function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof APIError)) throw thrown;
  const { status, headers, error } = thrown;
  const http = z.number().optional().parse(status);
  const retryAfterSeconds = headers instanceof Headers ? headers.get("retry-after") : undefined;
  return openAiFailure(error, { http, retryAfterSeconds });
}
