// A StreamChat, on a connection that it shares with some others.

import { fromBinary } from "@bufbuild/protobuf";
import { type ClientHttp2Session, constants } from "node:http2";
import { ChatEventSchema } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { framed, prefixBytes, requestStreamChat } from "../grpc-wire.ts";
import type { AskedStream, CallerStream } from "./caller-stream.ts";
import { grpcRequest } from "./chats.ts";

export function openGrpcStream(session: ClientHttp2Session, asked: AskedStream): CallerStream {
  const stream = requestStreamChat(session, framed(grpcRequest(asked.stream)));
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string | undefined>();
  const pieces: Buffer[] = [];
  let status: unknown;
  stream.on("response", (headers) => (status = headers["grpc-status"]));
  stream.on("trailers", (trailers) => (status = trailers["grpc-status"]));
  stream.on("data", (piece: Buffer) => {
    if (asked.reads === "first") stream.pause();
    else pieces.push(piece);
    begun.resolve();
  });
  stream.on("error", () => {});
  stream.on("close", () => {
    const last = status === "0" ? lastCase(Buffer.concat(pieces)) : undefined;
    ended.resolve(last === "finished" ? undefined : `grpc-status ${String(status)}, last event ${last}`);
    begun.reject(new Error(`A stream did not begin: its grpc-status is ${String(status)}.`));
  });
  return {
    begun: begun.promise,
    ended: ended.promise,
    leave: () => stream.close(constants.NGHTTP2_CANCEL),
  };
}

/** What the last of the messages tells. */
function lastCase(messages: Buffer): string | undefined {
  let last: Buffer | undefined;
  for (let at = 0; at + prefixBytes <= messages.length;) {
    const end = at + prefixBytes + messages.readUInt32BE(at + 1);
    last = messages.subarray(at + prefixBytes, end);
    at = end;
  }
  return last === undefined ? undefined : fromBinary(ChatEventSchema, last).event.case;
}
