// Serves recorded answers over real HTTP: each request gets the answer that was set last.

import { createServer } from "node:http";
import type { RecordedCase } from "../../support/fixtures.ts";
import { parseJson } from "./json-view.ts";

export interface SeenRequest {
  readonly method: string | undefined;
  /** With its query. */
  readonly path: string | undefined;
  /** Parsed; undefined where there was none. */
  readonly body: unknown;
}

export interface ReplayServer extends AsyncDisposable {
  readonly origin: string;
  answerWith(recorded: RecordedCase): void;
  readonly seen: SeenRequest[];
}

// The recordings are decoded, and their length is the server's to say.
const ownHeaders: ReadonlySet<string> = new Set(["content-length", "content-encoding", "transfer-encoding"]);

export async function startReplayServer(): Promise<ReplayServer> {
  const seen: SeenRequest[] = [];
  let answer: RecordedCase | undefined;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const text = Buffer.concat(pieces).toString();
      const body = text === "" ? undefined : parseJson(text);
      seen.push({ method: request.method, path: request.url, body });
      const headers = Object.entries(answer?.headers ?? {}).filter(([name]) => !ownHeaders.has(name));
      response.writeHead(answer?.status ?? 500, Object.fromEntries(headers));
      response.end(answer?.bytes);
    });
  });
  // A connection that the server closes while the tests are busy is no fault of the adapter's.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the replay server has no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    seen,
    answerWith(recorded) {
      answer = recorded;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
