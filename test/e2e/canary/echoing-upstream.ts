// A vendor that says in its errors what it was sent: the credential and the headers.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "../../support/listen.ts";

/** `stream`: in an event after the answer has begun, where a stream was asked for. */
export type EchoMode = "json 401" | "json 400" | "text 404" | "stream";

export interface EchoingUpstream {
  readonly url: string;
  mode: EchoMode;
  /** Credentials that it was sent, in whatever header. */
  readonly received: Set<string>;
  close(): Promise<void>;
}

const credentialHeaders = ["authorization", "x-api-key", "x-goog-api-key", "api-key", "x-amz-security-token"];

/** @param words what else it says */
export async function startEchoingUpstream(words: string): Promise<EchoingUpstream> {
  const server = createServer((request, response) => answer(request, response));
  const received = new Set<string>();
  const upstream: EchoingUpstream = {
    url: `http://127.0.0.1:${await listen(server)}`,
    mode: "json 401",
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const credentials = credentialHeaders.flatMap((name) => {
      const value = request.headers[name];
      return typeof value === "string" ? value.replace(/^Bearer /, "") : [];
    });
    for (const credential of credentials) received.add(credential);
    const said = `You sent ${credentials.join(" and ")}. ${words} ${JSON.stringify(request.headers)}`;
    const { mode } = upstream;
    const isList = request.method === "GET";
    if (mode === "stream" && !isList) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      response.end(`data: ${errorJson(said)}\n\n`);
    } else if (mode === "text 404") {
      response.writeHead(404, { "content-type": "text/plain", "x-request-id": "upstream-1" }).end(said);
    } else {
      response.writeHead(mode === "json 400" ? 400 : 401, { "content-type": "application/json" });
      response.end(errorJson(said));
    }
  }
  return upstream;
}

const chunk = {
  id: "c-1",
  object: "chat.completion.chunk",
  created: 1,
  model: "m",
  choices: [{ index: 0, delta: { role: "assistant", content: "Hel" }, finish_reason: null }],
};

/** In the form of each vendor. */
const errorJson = (message: string): string =>
  JSON.stringify({ type: "error", message, error: { type: "t", code: "c", status: "S", message } });
