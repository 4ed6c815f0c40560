// GraphQL over websockets by the official graphql-ws client; each call has a connection of its own, because
// what it tells of itself stands in the connection's headers.

import { type Client, createClient } from "graphql-ws";
import { type ClientOptions, WebSocket } from "ws";
import type { CallWords, FrontEndClient } from "../client.ts";
import {
  createEventGatherer,
  embedOutcomeOfFailure,
  type Failure,
  outcomeOfFailure,
} from "../gather-outcome.ts";
import { callHeaders } from "./call-headers.ts";
import { chatMutation, chatSubscription, embedMutation } from "./graphql-documents.ts";
import { graphqlEmbedInput, outcomeOfEmbedResult } from "./graphql-embeddings.ts";
import { graphqlInput } from "./graphql-input.ts";
import { addResult, failureOf, outcomeOfResult } from "./graphql-results.ts";

export function createGraphqlWebsocketClient(baseUrl: string): FrontEndClient {
  const url = `${baseUrl.replace("http", "ws")}/graphql`;
  const open = (words: CallWords): Client =>
    createClient({
      url,
      lazy: true,
      retryAttempts: 0,
      lazyCloseTimeout: 0,
      onNonLazyError() {},
      webSocketImpl: withHeaders(callHeaders(words)),
    });
  return {
    name: "graphql-ws",
    async chat(request, words = {}) {
      let result: unknown;
      const failure = await operate(
        open(words),
        { query: chatMutation, input: graphqlInput(request), words },
        (each) => {
          result = each;
        },
      );
      return failure === undefined ? outcomeOfResult(result) : outcomeOfFailure(failure);
    },
    async stream(request, words = {}) {
      const gatherer = createEventGatherer(words.onContent);
      let inResult: Failure | undefined;
      const failure = await operate(
        open(words),
        { query: chatSubscription, input: graphqlInput(request), words },
        (each) => {
          inResult = addResult(gatherer, each);
        },
      );
      return gatherer.outcome(inResult ?? failure);
    },
    async embed(request, words = {}) {
      let result: unknown;
      const input = graphqlEmbedInput(request);
      const failure = await operate(open(words), { query: embedMutation, input, words }, (each) => {
        result = each;
      });
      return failure === undefined ? outcomeOfEmbedResult(result) : embedOutcomeOfFailure(failure);
    },
    close() {},
  };
}

const withHeaders = (headers: Record<string, string>) =>
  class extends WebSocket {
    constructor(address: string, protocols: string | string[], options: ClientOptions = {}) {
      super(address, protocols, { ...options, headers });
    }
  };

interface Operation {
  readonly query: string;
  readonly input: object;
  readonly words: CallWords;
}

/** Resolves at the end of the operation, with its failure if it was ended by one. */
async function operate(
  client: Client,
  { query, input, words }: Operation,
  next: (result: unknown) => void,
): Promise<Failure | undefined> {
  const results = client.iterate({ query, variables: { input } });
  words.signal?.addEventListener("abort", () => void results.return?.(), { once: true });
  try {
    for await (const result of results) next(result);
    return undefined;
  } catch (thrown) {
    // What it throws for an answer's errors is their list, and for a closed connection the close event.
    if (thrown instanceof Error) throw thrown;
    return closedBecause(thrown) ?? failureOf(thrown);
  }
}

const closeCodes: Readonly<Record<number, string>> = {
  1009: "payload_too_large",
  4400: "invalid_request",
  4401: "unauthenticated",
  4403: "permission_denied",
};

/** A connection that is refused tells its error by the close code and its reason. */
function closedBecause(thrown: unknown): Failure | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown) || !("reason" in thrown)) {
    return undefined;
  }
  const code = Number(thrown.code);
  const message = String(thrown.reason);
  return { error: { code: closeCodes[code] ?? `closed ${code}`, message, attempts: [] } };
}
