// The gateway in the caller's own process: what all others are compared with.

import { errorTable, toGatewayError } from "../../../../src/core/errors.ts";
import type { Gateway } from "../../../../src/core/gateway.ts";
import type { CallWords, FrontEndClient } from "../client.ts";
import {
  createEventGatherer,
  embedOutcomeOfFailure,
  type Failure,
  outcomeOfFailure,
  outcomeOfReply,
} from "../gather-outcome.ts";

export function createLibraryClient(gateway: Gateway): FrontEndClient {
  const optionsOf = async ({ credential, correlationId, timeoutMs, signal }: CallWords) => ({
    principal: await gateway.access.authenticate({
      credential,
      remoteAddress: "127.0.0.1",
      host: undefined,
      origin: undefined,
    }),
    correlationId,
    timeoutMs,
    signal,
  });
  return {
    name: "library",
    async chat(request, words = {}) {
      try {
        return outcomeOfReply(await gateway.chat(request, await optionsOf(words)));
      } catch (error) {
        return outcomeOfFailure(failureOf(error));
      }
    },
    async stream(request, words = {}) {
      const gatherer = createEventGatherer(words.onContent);
      try {
        const reply = await gateway.stream(request, await optionsOf(words));
        for await (const event of reply.events) gatherer.add(event);
        return gatherer.outcome();
      } catch (error) {
        return gatherer.outcome(failureOf(error));
      }
    },
    async embed(request, words = {}) {
      try {
        const embedded = await gateway.embed(request, await optionsOf(words));
        const { id, provider, model, usage, meta } = embedded;
        const vectors = embedded.vectors.map((vector) => Array.from(vector));
        return { vectors, answered: { id, provider, model }, usage, meta };
      } catch (error) {
        return embedOutcomeOfFailure(failureOf(error));
      }
    },
    close() {},
  };
}

function failureOf(thrown: unknown): Failure {
  const { code, message, field, retryAfterMs, attempts, meta } = toGatewayError(thrown);
  const { http, grpc } = errorTable[code];
  const requestId = meta?.requestId;
  return { meta, error: { code, message, field, retryAfterMs, attempts, requestId, http, grpc } };
}
