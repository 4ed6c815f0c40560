// gRPC as a peer writes it that keeps to no library's manners.

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type Settings,
} from "node:http2";

export interface RawGrpc {
  readonly session: ClientHttp2Session;
  /** A call whose request has not ended. */
  readonly open: (path: string, headers?: Readonly<Record<string, string>>) => ClientHttp2Stream;
  readonly close: () => void;
}

export function connectRaw(port: number, settings: Settings = {}): RawGrpc {
  const session = connect(`http://127.0.0.1:${port}`, { settings });
  session.on("error", () => {});
  return {
    session,
    open: (path, headers) => openRaw(session, path, headers),
    close: () => session.destroy(),
  };
}

/** A call whose request has not ended. */
export function openRaw(
  session: ClientHttp2Session,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): ClientHttp2Stream {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  stream.on("error", () => {});
  return stream;
}

/** A message in its envelope. */
export function enveloped(message: Uint8Array, { compressed = false } = {}): Buffer {
  const bytes = Buffer.alloc(5 + message.length);
  bytes.writeUInt8(compressed ? 1 : 0, 0);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}

/** The status that a call ends with, and its words. */
export function endOf(stream: ClientHttp2Stream): Promise<{ code: number; message: string }> {
  return new Promise((resolve) => {
    const told: IncomingHttpHeaders = {};
    stream.on("response", (headers) => Object.assign(told, headers));
    stream.on("trailers", (trailers) => Object.assign(told, trailers));
    const end = () =>
      resolve({
        code: Number(told["grpc-status"] ?? -1),
        message: decodeURIComponent([told["grpc-message"] ?? ""].join()),
      });
    // The server may be done with the call before its request has ended.
    stream.once("end", end);
    stream.once("close", end);
    stream.resume();
  });
}
