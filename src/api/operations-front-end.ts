// What operators ask: is it alive, can it serve, what has it done. No credential is asked for.

import type { ServerResponse } from "node:http";
import type { Gateway } from "../core/gateway.ts";
import { type HttpFrontEnd, pathOf } from "./http-front-end.ts";

export function createOperationsFrontEnd(gateway: Gateway): HttpFrontEnd {
  const answers: Record<string, () => { readonly status: number; readonly body: object }> = {
    "/health": () => ({ status: 200, body: { status: "ok" } }),
    "/ready": () => {
      const { ready, problems } = gateway.readiness();
      return { status: ready ? 200 : 503, body: { status: ready ? "ready" : "not_ready", problems } };
    },
    "/metrics": () => ({ status: 200, body: gateway.metrics() }),
  };
  return {
    serves: (path) => Object.hasOwn(answers, path),
    handle(request, response) {
      const answer = answers[pathOf(request)]?.();
      if (answer === undefined) return;
      if (request.method !== "GET" && request.method !== "HEAD") {
        response.setHeader("allow", "GET, HEAD");
        sendJson(response, 405, { error: { code: "invalid_request", message: "Only GET is served here." } });
        return;
      }
      sendJson(response, answer.status, answer.body);
    },
  };
}

export function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  response.end(text);
}
