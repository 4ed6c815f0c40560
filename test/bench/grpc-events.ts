// Reads one StreamChat with an official client.

import { Client, credentials } from "@grpc/grpc-js";
import { fromBinary } from "@bufbuild/protobuf";
import { type ChatEvent, ChatEventSchema } from "../../generated/proto/sluice/v1/chat_pb.ts";
import type { Child } from "./child-process.ts";

export interface StreamedEvent {
  readonly case: ChatEvent["event"]["case"];
  /** Of a delta. */
  readonly text: string | undefined;
}

export async function readStreamedEvents(
  { ports }: Child,
  request: Uint8Array,
): Promise<readonly StreamedEvent[]> {
  const client = new Client(`127.0.0.1:${ports["grpc"]}`, credentials.createInsecure());
  const stream = client.makeServerStreamRequest(
    "/sluice.v1.ChatService/StreamChat",
    (bytes: Uint8Array) => Buffer.from(bytes),
    (bytes): ChatEvent => fromBinary(ChatEventSchema, bytes),
    request,
  );
  const events: StreamedEvent[] = [];
  await new Promise<void>((resolve, reject) => {
    stream.on("data", ({ event }: ChatEvent) => {
      events.push({ case: event.case, text: event.case === "partDelta" ? event.value.text : undefined });
    });
    stream.on("error", reject);
    stream.on("end", resolve);
  });
  client.close();
  return events;
}
