// One target of the upstream: behaves as it was told last, and remembers what came.

import { createServer, type Server, type ServerResponse } from "node:http";
import { isStreamed, streamIn } from "./chats.ts";
import { machineMs } from "./machine-ms.ts";
import type { Behaviour, ReceivedReport } from "./messages.ts";
import { deltaChunk, errorAnswer, lastChunks, wholeAnswer } from "./openai-answers.ts";

const floodChunk = deltaChunk("deep ".repeat(200));

export class FaultyTarget {
  readonly #server: Server;
  #behaviour: Behaviour = { kind: "answer", afterMs: 0 };
  #port = 0;
  #requests = 0;
  readonly #closed: { stream: number; atMs: number }[] = [];
  readonly #floods: { sentBytes: number }[] = [];

  constructor() {
    this.#server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
      this.#requests += 1;
      let body = "";
      request.setEncoding("utf8");
      request.on("data", (piece: string) => (body += piece));
      request.on("end", () => this.#answer(body, response));
      request.on("error", () => response.destroy());
    });
  }

  /** Resolves with its port, which stays the same. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#port, "127.0.0.1", resolve);
    });
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("The target has no port.");
    this.#port = address.port;
    return this.#port;
  }

  async behave(as: Behaviour): Promise<void> {
    this.#behaviour = as;
    if (as.kind === "refuse") await this.close();
    else if (!this.#server.listening) await this.listen();
  }

  received(): ReceivedReport {
    return {
      tell: "received",
      requests: this.#requests,
      closed: this.#closed,
      sentBytes: this.#floods.map(({ sentBytes }) => sentBytes),
    };
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(body: string, response: ServerResponse): void {
    const stream = streamIn(body);
    response.once("close", () => {
      if (!response.writableFinished) this.#closed.push({ stream, atMs: machineMs() });
    });
    const behaviour = this.#behaviour;
    switch (behaviour.kind) {
      case "answer":
        setTimeout(() => answerShortly(response, isStreamed(body)), behaviour.afterMs);
        return;
      case "fail":
        if (this.#requests % (behaviour.goodOneOf ?? Infinity) === 0)
          answerShortly(response, isStreamed(body));
        else response.writeHead(500, { "content-type": "application/json" }).end(errorAnswer);
        return;
      case "stream":
        beginStream(response);
        void streamSlowly(response, behaviour);
        return;
      case "fall_silent":
        beginStream(response);
        response.write(deltaChunk("deep ").repeat(behaviour.tokens));
        return;
      case "flood":
        beginStream(response);
        this.#flood(response, behaviour.bytes);
        return;
      case "hang":
      case "refuse":
    }
  }

  #flood(response: ServerResponse, bytes: number): void {
    const flood = { sentBytes: 0 };
    this.#floods.push(flood);
    const sendOn = (): void => {
      while (flood.sentBytes < bytes && !response.destroyed) {
        flood.sentBytes += floodChunk.length;
        if (!response.write(floodChunk)) return;
      }
      response.off("drain", sendOn);
      response.end(lastChunks);
    };
    response.on("drain", sendOn);
    sendOn();
  }
}

function answerShortly(response: ServerResponse, streamed: boolean): void {
  if (streamed) beginStream(response).end(`${deltaChunk("Deep enough for all.")}${lastChunks}`);
  else response.writeHead(200, { "content-type": "application/json" }).end(wholeAnswer);
}

const beginStream = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { "content-type": "text/event-stream" });

async function streamSlowly(
  response: ServerResponse,
  { tokens, delayMs }: { readonly tokens: number; readonly delayMs: number },
): Promise<void> {
  for (let token = 0; token < tokens && !response.destroyed; token += 1) {
    response.write(deltaChunk("deep "));
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
  response.end(lastChunks);
}
