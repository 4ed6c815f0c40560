// StreamChat over node:http2, without a client's own cost.

import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { once } from "node:events";

export interface Windows {
  /** Of each stream; absent: HTTP/2's own 65,535 bytes. */
  readonly streamBytes?: number;
  /** Of all streams of the connection together. */
  readonly sessionBytes: number;
}

export async function openGrpcSession(
  port: number,
  { streamBytes, sessionBytes }: Windows,
): Promise<ClientHttp2Session> {
  const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: streamBytes } });
  await once(session, "connect");
  session.setLocalWindowSize(sessionBytes);
  return session;
}

export function requestStreamChat(session: ClientHttp2Session, request: Buffer): ClientHttp2Stream {
  const stream = session.request({
    ":method": "POST",
    ":path": "/sluice.v1.ChatService/StreamChat",
    "content-type": "application/grpc+proto",
    te: "trailers",
  });
  stream.end(request);
  return stream;
}

/** The bytes before a message: whether it is compressed, and its length. */
export const prefixBytes = 5;

export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(prefixBytes + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}
