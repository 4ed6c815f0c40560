// `POST /v1/embeddings`: one call, answered whole.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Gateway } from "../../core/gateway.ts";
import { readCaller } from "../caller.ts";
import { callerGone, connectionOf } from "../http-front-end.ts";
import type { KnownError } from "../known-error.ts";
import { answerHeaders } from "./answer-headers.ts";
import { embeddingsJson, readEmbeddingRequest } from "./embedding-mapping.ts";
import { embeddingField, inOpenAiWords } from "./field-names.ts";
import { readJsonBody } from "../json-body.ts";
import { sendJsonText } from "../send-json-text.ts";

export interface EmbeddingPorts {
  readonly gateway: Gateway;
  readonly maxBodyBytes: number;
  readonly known: KnownError;
}

/** @throws GatewayError */
export async function answerEmbeddings(
  { gateway, maxBodyBytes, known }: EmbeddingPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const caller = await readCaller(gateway.access, connectionOf(request));
  const asked = readEmbeddingRequest(await readJsonBody(request, maxBodyBytes));
  const withMeta = request.headers["x-sluice-meta"] === "1";
  try {
    const embedded = await gateway.embed(asked.request, { ...caller, signal: callerGone(response) });
    const text = embeddingsJson(embedded, { encoding: asked.encoding, withMeta });
    sendJsonText(response, text, answerHeaders(embedded.meta));
  } catch (error) {
    throw inOpenAiWords(known(error), (field) => embeddingField(field, asked.single));
  }
}
