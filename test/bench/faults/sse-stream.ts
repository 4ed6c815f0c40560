// A stream of the OpenAI face, on a connection of its own.

import { request as httpRequest } from "node:http";
import type { AskedStream, CallerStream } from "./caller-stream.ts";
import { lastOfSse, openAiBody } from "./chats.ts";

export function openSseStream(port: number, { stream, reads }: AskedStream): CallerStream {
  const body = openAiBody({ stream, streamed: true });
  const request = httpRequest({
    host: "127.0.0.1",
    port,
    path: "/v1/chat/completions",
    method: "POST",
    agent: false,
    headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
  });
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string | undefined>();
  let tail = "";
  request.on("response", (response) => {
    response.setEncoding("latin1");
    response.on("data", (piece: string) => {
      tail = (tail + piece).slice(-lastOfSse.length);
      if (response.statusCode === 200) begun.resolve();
      if (reads === "first") response.pause();
    });
    response.on("error", () => {});
    response.on("close", () => {
      const whole = response.complete && tail === lastOfSse;
      ended.resolve(whole ? undefined : `status ${response.statusCode}, cut after ${JSON.stringify(tail)}`);
      begun.reject(new Error(`A stream did not begin: its status is ${response.statusCode}.`));
    });
  });
  request.on("error", (error) => {
    begun.reject(error);
    ended.resolve(error.message);
  });
  request.end(body);
  return { begun: begun.promise, ended: ended.promise, leave: () => request.destroy() };
}
