// GraphQL over HTTP: mutations as JSON, subscriptions as server-sent events.

import type { CallWords, ErrorSeen, FrontEndClient } from "../client.ts";
import { createEventGatherer, type Failure } from "../gather-outcome.ts";
import { chatMutation, chatSubscription, embedMutation } from "./graphql-documents.ts";
import { graphqlEmbedInput, outcomeOfEmbedResult } from "./graphql-embeddings.ts";
import { graphqlInput } from "./graphql-input.ts";
import { addResult, outcomeOfResult } from "./graphql-results.ts";
import { callHeaders } from "./call-headers.ts";
import { readSentEvents } from "./server-sent-events.ts";

export function createGraphqlHttpClient(baseUrl: string): FrontEndClient {
  const url = `${baseUrl}/graphql`;
  const send = (query: string, input: object, { accept, ...words }: CallWords & { accept: string }) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept, ...callHeaders(words) },
      body: JSON.stringify({ query, variables: { input } }),
      signal: words.signal ?? null,
    });
  return {
    name: "GraphQL",
    async chat(request, words = {}) {
      const response = await send(chatMutation, graphqlInput(request), {
        ...words,
        accept: "application/json",
      });
      return sameStatus(outcomeOfResult(await response.json()), response);
    },
    async stream(request, words = {}) {
      const gatherer = createEventGatherer(words.onContent);
      const response = await send(chatSubscription, graphqlInput(request), {
        ...words,
        accept: "text/event-stream",
      });
      if (response.headers.get("content-type")?.startsWith("text/event-stream") !== true) {
        return sameStatus(outcomeOfResult(await response.json()), response);
      }
      let failure: Failure | undefined;
      let complete = false;
      for await (const { event, data } of readSentEvents(response)) {
        if (complete) throw new Error("Something came after `complete`.");
        if (event === "next") failure = addResult(gatherer, JSON.parse(data));
        else complete = event === "complete";
      }
      if (!complete) throw new Error("The stream ended without `complete`.");
      return gatherer.outcome(failure);
    },
    async embed(request, words = {}) {
      const response = await send(embedMutation, graphqlEmbedInput(request), {
        ...words,
        accept: "application/json",
      });
      return sameStatus(outcomeOfEmbedResult(await response.json()), response);
    },
    close() {},
  };
}

/** Before the answer has begun, the HTTP status is the one that the error tells. */
function sameStatus<O extends { readonly error?: ErrorSeen | undefined }>(
  outcome: O,
  { status }: Response,
): O {
  const told = outcome.error?.http ?? 200;
  if (told !== status) throw new Error(`The answer has the status ${status}, and its error says ${told}.`);
  return outcome;
}
