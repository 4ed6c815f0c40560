// Loads a gRPC server with StreamChat, over node:http2. It counts the messages and looks into none: what they
// hold is checked once, by a real client, before the load.

import type { ClientHttp2Session } from "node:http2";
import { setTimeout as wait } from "node:timers/promises";
import { framed, openGrpcSession, prefixBytes, requestStreamChat } from "./grpc-wire.ts";
import type { GrpcLoad, LoadReport } from "./messages.ts";

const connections = 4;
// So large that no stream waits for its reader's permission: that would measure the load generator.
const windowBytes = 16 * 1024 * 1024;

export async function loadGrpc(load: GrpcLoad): Promise<LoadReport> {
  const request = framed(Buffer.from(load.requestBase64, "base64"));
  const sessions = await Promise.all(
    Array.from({ length: connections }, () =>
      openGrpcSession(load.port, { streamBytes: windowBytes, sessionBytes: windowBytes }),
    ),
  );
  const began = performance.now();
  const endAtMs = began + load.durationMs;
  const callUntilEnd = async (session: ClientHttp2Session, caller: number): Promise<number> => {
    let calls = 0;
    if (load.beginApartMs !== undefined) await wait(caller * load.beginApartMs);
    do {
      const messages = await streamOnce(session, request);
      if (messages < load.expectMessages) throw new Error(`A stream had ${messages} messages.`);
      calls += 1;
    } while (performance.now() < endAtMs);
    return calls;
  };
  const streams = Array.from({ length: Math.ceil(load.callers / connections) }, () => sessions).flat();
  const counts = await Promise.all(streams.slice(0, load.callers).map(callUntilEnd));
  const wallMs = performance.now() - began;
  for (const session of sessions) session.close();
  return { tell: "loaded", calls: counts.reduce((sum, count) => sum + count, 0), wallMs };
}

/** Resolves with the number of messages; rejects when the stream's status is not OK. */
function streamOnce(session: ClientHttp2Session, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = requestStreamChat(session, request);
    const messages = createMessageCounter();
    let status: unknown;
    stream.on("response", (headers) => (status = headers["grpc-status"]));
    stream.on("trailers", (trailers) => (status = trailers["grpc-status"]));
    stream.on("data", (piece: Buffer) => messages.feed(piece));
    stream.on("error", reject);
    stream.on("close", () => {
      if (status === "0") resolve(messages.count());
      else reject(new Error(`A stream ended with grpc-status ${String(status)}.`));
    });
  });
}

/** Counts length-prefixed messages, however the pieces cut them. */
function createMessageCounter() {
  let count = 0;
  let prefixRead = 0;
  let length = 0;
  let bodyLeft = 0;
  return {
    count: () => count,
    feed(piece: Buffer): void {
      let at = 0;
      while (at < piece.length) {
        if (prefixRead < prefixBytes) {
          // The first byte of the prefix says whether it is compressed; the rest is the length.
          length = prefixRead === 0 ? 0 : length * 256 + (piece[at] ?? 0);
          at += 1;
          prefixRead += 1;
          bodyLeft = length;
        } else {
          const taken = Math.min(bodyLeft, piece.length - at);
          at += taken;
          bodyLeft -= taken;
        }
        if (prefixRead === prefixBytes && bodyLeft === 0) {
          count += 1;
          prefixRead = 0;
        }
      }
    },
  };
}
