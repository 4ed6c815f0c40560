// The OpenAI face by plain HTTP, with `x-sluice-meta: 1`.

import { z } from "zod";
import type { ChatRequest } from "../../../../src/core/chat/request.ts";
import type { CallWords, FrontEndClient, Outcome } from "../client.ts";
import { embedOutcomeOfFailure, type Failure, outcomeOfFailure } from "../gather-outcome.ts";
import { callHeaders } from "./call-headers.ts";
import { createChunkGatherer } from "./openai-chunks.ts";
import { openAiEmbedRequest, outcomeOfEmbeddings } from "./openai-embeddings.ts";
import { reasoningProofs, toolCallProofs } from "./openai-proofs.ts";
import { openAiRequest } from "./openai-request.ts";
import {
  chunkSchema,
  completionSchema,
  embeddingsSchema,
  metaOf,
  openAiFailure,
  usageOf,
} from "./openai-wire.ts";
import { readSentEvents } from "./server-sent-events.ts";

const failedSchema = z.object({ error: z.unknown() });

export function createOpenAiClient(baseUrl: string): FrontEndClient {
  const send = (path: string, body: object, words: CallWords) =>
    fetch(`${baseUrl}/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-sluice-meta": "1", ...callHeaders(words) },
      body: JSON.stringify(body),
      signal: words.signal ?? null,
    });
  return {
    name: "OpenAI",
    async chat(request, words = {}) {
      const response = await send("chat/completions", openAiRequest(request), words);
      return response.ok ? wholeOutcome(await response.json()) : outcomeOfFailure(await refusalOf(response));
    },
    async stream(request, words = {}) {
      const response = await send("chat/completions", streamedRequest(request), words);
      if (!response.ok) return outcomeOfFailure(await refusalOf(response));
      const gatherer = createChunkGatherer(words.onContent);
      let failure: Failure | undefined;
      let done = false;
      for await (const { data } of readSentEvents(response)) {
        if (done || failure !== undefined) throw new Error("Something came after the stream's end.");
        if (data === "[DONE]") done = true;
        else {
          const json: unknown = JSON.parse(data);
          const failed = failedSchema.safeParse(json);
          if (failed.success && failed.data.error !== undefined) failure = openAiFailure(failed.data.error);
          else gatherer.add(chunkSchema.parse(json));
        }
      }
      if (!done && failure === undefined) throw new Error("The stream ended without its end.");
      return gatherer.outcome(failure);
    },
    async embed(request, words = {}) {
      const response = await send("embeddings", openAiEmbedRequest(request), words);
      return response.ok
        ? outcomeOfEmbeddings(embeddingsSchema.parse(await response.json()))
        : embedOutcomeOfFailure(await refusalOf(response));
    },
    close() {},
  };
}

export const streamedRequest = (request: ChatRequest): object => ({
  ...openAiRequest(request),
  stream: true,
  stream_options: { include_usage: true },
});

async function refusalOf(response: Response): Promise<Failure> {
  const { error } = failedSchema.parse(await response.json());
  const retryAfterSeconds = response.headers.get("retry-after");
  return openAiFailure(error, { http: response.status, retryAfterSeconds });
}

function wholeOutcome(body: unknown): Outcome {
  const { choices, usage, sluice } = completionSchema.parse(body);
  const [{ message, finish_reason: finishReason }] = choices;
  return {
    text: message.content ?? "",
    reasoning: message.reasoning_content ?? "",
    refusal: message.refusal ?? "",
    toolCalls: (message.tool_calls ?? []).map(({ id, function: called }) => ({
      id,
      name: called.name,
      argumentsJson: called.arguments,
    })),
    proofs: [
      ...reasoningProofs(message.reasoning_details ?? []),
      ...(message.tool_calls ?? []).flatMap(({ extra_content: extra = {} }) => toolCallProofs(extra)),
    ],
    finishReason,
    usage: usage && usageOf(usage),
    meta: metaOf(sluice),
  };
}
