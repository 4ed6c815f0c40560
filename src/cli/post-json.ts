// One POST over kept connections, its answer read piece by piece.

import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

export interface Posting {
  /** Resolves when status and headers are there. */
  post(
    body: string,
    signal: AbortSignal,
    headers?: Readonly<Record<string, string>>,
  ): Promise<IncomingMessage>;
  close(): void;
}

export function createPosting(url: URL, headers: Readonly<Record<string, string>>): Posting {
  const settings = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 10_000 };
  const secure = url.protocol === "https:";
  const agent = secure ? new HttpsAgent(settings) : new HttpAgent(settings);
  const request = secure ? httpsRequest : httpRequest;
  return {
    post: (body, signal, own) =>
      new Promise((resolve, reject) => {
        const length = { "content-length": Buffer.byteLength(body) };
        const options = { method: "POST", agent, signal, headers: { ...headers, ...own, ...length } };
        const sent = request(url, options, resolve);
        sent.on("error", reject);
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

const longestAnswer = 32 * 1024 * 1024;

/** @throws Error when it is cut or too long */
export async function wholeText(answer: IncomingMessage): Promise<string> {
  answer.setEncoding("utf8");
  let text = "";
  for await (const piece of answer) {
    text += String(piece);
    if (text.length > longestAnswer) throw new Error("The answer does not end.");
  }
  return text;
}
