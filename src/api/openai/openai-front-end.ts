// The OpenAI-compatible HTTP API: tools that speak it use the gateway unchanged.

import type { IncomingMessage, ServerResponse } from "node:http";
import { GatewayError, type ReportFault } from "../../core/errors.ts";
import { readCaller } from "../caller.ts";
import { connectionOf, type HttpFrontEnd, pathOf } from "../http-front-end.ts";
import { createKnownError, type KnownError } from "../known-error.ts";
import { answerCompletion, type CompletionPorts } from "./chat-completions.ts";
import { answerEmbeddings } from "./embeddings.ts";
import { type ErrorAnswer, sendError } from "./error-answer.ts";
import { modelListJson, oneModelJson } from "./models.ts";
import { bodyIsOnItsWay, correlationIdOf, otherMethod } from "../refused-request.ts";
import { sendJsonText } from "../send-json-text.ts";

export type OpenAiFrontEndOptions = Omit<CompletionPorts, "heartbeatMs" | "known"> & {
  /** How long a stream may be silent; 15 s unless given. */
  readonly heartbeatMs?: number | undefined;
  /** Hears of what nobody foresaw; absent: nobody does. */
  readonly reportFault?: ReportFault | undefined;
};

interface Endpoint {
  readonly method: "GET" | "POST";
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

const bases = ["/v1", "/api/v1"];
/** An id may have slashes in it. */
const oneModel = "/models/";

/** Serves `chat/completions`, `embeddings`, `models` and `models/{id}` under `/v1` and `/api/v1`. */
export function createOpenAiFrontEnd(options: OpenAiFrontEndOptions): HttpFrontEnd {
  const known = createKnownError(options.reportFault);
  const ports: CompletionPorts = { ...options, known, heartbeatMs: options.heartbeatMs ?? 15_000 };
  const { gateway } = ports;
  const createdSeconds = Math.floor(ports.clock.epochMs() / 1000);

  const models = (id: string | undefined): Endpoint => ({
    method: "GET",
    async answer(request, response) {
      const { principal, correlationId } = await readCaller(gateway.access, connectionOf(request));
      const answer = { models: await gateway.settings.models(principal), createdSeconds };
      const text = id === undefined ? modelListJson(answer) : oneModelJson(answer, id);
      sendJsonText(response, text, correlationId === undefined ? {} : { "x-request-id": correlationId });
    },
  });

  const byPath: ReadonlyMap<string, Endpoint> = new Map([
    [
      "/chat/completions",
      { method: "POST", answer: (request, response) => answerCompletion(ports, request, response) },
    ],
    [
      "/embeddings",
      { method: "POST", answer: (request, response) => answerEmbeddings(ports, request, response) },
    ],
    ["/models", models(undefined)],
  ]);

  function endpointAt(path: string): Endpoint | undefined {
    const below = path.slice(path.startsWith("/api/") ? "/api/v1".length : "/v1".length);
    return (
      byPath.get(below) ?? (below.startsWith(oneModel) ? models(below.slice(oneModel.length)) : undefined)
    );
  }
  const served = [
    ...Array.from(byPath, ([path, { method }]) => ({ method, path })),
    { method: models(undefined).method, path: `${oneModel}{id}` },
  ];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    const endpoint = endpointAt(path);
    try {
      if (endpoint === undefined) throw unknownPath(path);
      if (request.method !== endpoint.method) refuseMethod(request, response, endpoint.method);
      else await endpoint.answer(request, response);
    } catch (error) {
      fail({ request, response, known }, error);
    }
  }

  return {
    endpoints: bases.flatMap((base) => served.map(({ method, path }) => ({ method, path: base + path }))),
    serves: (path) => bases.some((base) => path === base || path.startsWith(`${base}/`)),
    handle: (request, response) => void serve(request, response),
  };
}

function fail(
  { request, response, known }: { request: IncomingMessage; response: ServerResponse; known: KnownError },
  thrown: unknown,
): void {
  const error = known(thrown);
  // An answer that has begun cannot become another one: cut short, it does not pass for whole.
  if (response.headersSent) response.destroy();
  if (response.destroyed) return;
  sendError(response, error, answering(request));
}

function refuseMethod(request: IncomingMessage, response: ServerResponse, allow: "GET" | "POST"): void {
  const { correlationId, headers } = answering(request);
  sendError(response, otherMethod(request, allow), {
    correlationId,
    status: 405,
    headers: { ...headers, allow },
  });
}

const unknownPath = (path: string): GatewayError =>
  new GatewayError({
    code: "not_found",
    message:
      `There is nothing at ${path.slice(0, 200)}. Served are POST /v1/chat/completions, ` +
      "POST /v1/embeddings, GET /v1/models and GET /v1/models/{id}.",
  });

function answering(request: IncomingMessage): ErrorAnswer {
  return {
    correlationId: correlationIdOf(request),
    headers: bodyIsOnItsWay(request) ? { connection: "close" } : undefined,
  };
}
