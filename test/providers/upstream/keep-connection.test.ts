import { once } from "node:events";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { createUpstream } from "../../../src/providers/upstream/create-upstream.ts";
import { keepConnection } from "../../../src/providers/upstream/keep-connection.ts";
import { type SseFrame, sseFraming } from "../../../src/providers/upstream/sse.ts";
import { chunked, lastChunk, startRawServer, streamHead } from "./raw-server.ts";

const never = new AbortController().signal;

/** The same batches, and a promise that resolves when their end has been read. */
function watched(batches: AsyncIterable<readonly SseFrame[]>) {
  const iterator = batches[Symbol.asyncIterator]();
  const ended = Promise.withResolvers<undefined>();
  const watchedBatches: AsyncIterable<readonly SseFrame[]> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const result = await iterator.next();
        if (result.done === true) ended.resolve(undefined);
        return result;
      },
      return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
    }),
  };
  return { batches: watchedBatches, ended: ended.promise };
}

/** Leaves a stream before its body's end, calls again, and says how many connections that took. */
async function connectionsOfTwoCalls(complete: boolean): Promise<number> {
  const sockets: Socket[] = [];
  await using server = await startRawServer((socket) => {
    sockets.push(socket);
    socket.write(`${streamHead}${chunked("data: [DONE]\n\n")}`);
  });
  const upstream = createUpstream({
    baseUrl: server.url,
    signer: () => Promise.resolve({}),
    timeouts: { connectMs: 1_000, headersMs: 1_000, idleMs: 5_000 },
    maxAnswerBytes: 1_000,
  });
  const request = { method: "POST", path: "/", headers: {} } as const;
  const { batches, ended } = watched((await upstream.send(request, never)).frames(sseFraming));
  for await (const _ of keepConnection(batches, () => complete)) break;
  const [socket] = sockets;
  if (socket === undefined) throw new Error("no request came");
  if (complete) {
    socket.write(lastChunk);
    await ended;
    // The pool takes the connection back in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
  } else {
    await once(socket, "close");
  }
  for await (const _ of (await upstream.send(request, never)).frames(sseFraming)) break;
  await upstream.close();
  return server.connections;
}

test("a stream that is complete leaves its connection to the next call", async () => {
  expect(await connectionsOfTwoCalls(true)).toBe(1);
});

test("one that is not complete closes it", async () => {
  expect(await connectionsOfTwoCalls(false)).toBe(2);
});
