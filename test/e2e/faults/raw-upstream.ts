// An upstream in OpenAI's format whose bytes a test writes itself: for answers that no HTTP server would send.

import type { Socket } from "node:net";
import { startRawServer } from "../../providers/upstream/raw-server.ts";

/** Answers one request, on its own connection. */
export type RawAnswer = (socket: Socket) => void;

export interface RawUpstream {
  readonly url: string;
  readonly openConnections: number;
  /** Requests since the start. */
  readonly received: number;
  /** For all following requests. */
  answerWith(answer: RawAnswer): void;
  /** Goes on with all answers under way. */
  sendOn(bytes: Uint8Array): void;
  /** Breaks all connections off, without an orderly end. */
  resetAll(): void;
  close(): Promise<void>;
}

const silent: RawAnswer = (socket) => void socket.destroy();

export async function startRawUpstream(): Promise<RawUpstream> {
  let current = silent;
  let received = 0;
  const answered = new Set<Socket>();
  const server = await startRawServer((socket) => {
    received += 1;
    answered.add(socket);
    socket.once("close", () => answered.delete(socket));
    current(socket);
  });
  return {
    url: server.url,
    get openConnections() {
      return server.openConnections;
    },
    get received() {
      return received;
    },
    answerWith(answer) {
      current = answer;
    },
    sendOn(bytes) {
      for (const socket of answered) socket.write(bytes);
    },
    resetAll() {
      for (const socket of answered) socket.resetAndDestroy();
    },
    async close() {
      await server[Symbol.asyncDispose]();
    },
  };
}

const head = (contentType: string, more = ""): string =>
  `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\nconnection: close\r\n${more}\r\n`;

/** A stream that ends with its connection. */
export const streamHead = head("text/event-stream");
export const jsonHead = head("application/json");

const event = (json: object): string => `data: ${JSON.stringify(json)}\n\n`;
export const chunk = (choice: object): string =>
  event({ id: "c-1", object: "chat.completion.chunk", created: 1, model: "raw-1", choices: [choice] });

export const opening = chunk({ index: 0, delta: { role: "assistant", content: "" } });
export const word = (text: string): string => chunk({ index: 0, delta: { content: text } });
const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
/** 5 tokens read, 2 written. */
export const usageTold = event({
  id: "c-1",
  object: "chat.completion.chunk",
  created: 1,
  model: "raw-1",
  choices: [],
  usage,
});
const closing = chunk({ index: 0, delta: {}, finish_reason: "stop" }) + usageTold;

/** "Grüße 👋", as a stream and as JSON. */
export const wholeStream = `${opening}${word("Grüße")}${word(" 👋")}${closing}data: [DONE]\n\n`;
export const wholeJson = JSON.stringify({
  id: "c-1",
  object: "chat.completion",
  created: 1,
  model: "raw-1",
  choices: [{ index: 0, message: { role: "assistant", content: "Grüße 👋" }, finish_reason: "stop" }],
  usage,
});

/** Sends these bytes and ends the connection. */
export const sends =
  (...pieces: readonly (string | Uint8Array)[]): RawAnswer =>
  (socket) =>
    void socket.end(Buffer.concat(pieces.map((piece) => Buffer.from(piece))));

/** Sends them and leaves the connection open. */
export const sendsAndHangs =
  (...pieces: readonly string[]): RawAnswer =>
  (socket) =>
    void socket.write(pieces.join(""));

/** Sends them one at a time, each in a packet of its own as far as that can be had. */
export const sendsByteByByte =
  (text: string): RawAnswer =>
  (socket) => {
    socket.setNoDelay(true);
    const bytes = Buffer.from(text);
    let sent = 0;
    const next = (): void => {
      if (sent === bytes.length) socket.end();
      else socket.write(bytes.subarray(sent, (sent += 1)), () => setImmediate(next));
    };
    next();
  };

/** Sends `start`, then the same bytes again and again as fast as they are taken, until `maxBytes` or nobody reads. */
export const sendsWithoutEnd =
  (
    start: string,
    { filler, maxBytes }: { readonly filler: string; readonly maxBytes: number },
    onBytes: (count: number) => void,
  ): RawAnswer =>
  (socket) => {
    const bytes = Buffer.from(filler);
    let sent = 0;
    const pour = (): void => {
      while (sent < maxBytes && !socket.destroyed) {
        sent += bytes.length;
        onBytes(bytes.length);
        if (!socket.write(bytes)) return;
      }
      socket.end();
    };
    socket.on("drain", pour);
    socket.write(start);
    pour();
  };
