// Reads one StreamChat with an official client.

import { Client, credentials } from "@grpc/grpc-js";
import { fromBinary } from "@bufbuild/protobuf";
import { type ChatEvent, ChatEventSchema } from "../../generated/proto/sluice/v1/chat_pb.ts";

/** The text of all deltas. */
export async function readStreamedText(port: number, request: Uint8Array): Promise<string> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const stream = client.makeServerStreamRequest(
    "/sluice.v1.ChatService/StreamChat",
    (bytes: Uint8Array) => Buffer.from(bytes),
    (bytes): ChatEvent => fromBinary(ChatEventSchema, bytes),
    request,
  );
  let text = "";
  await new Promise<void>((resolve, reject) => {
    stream.on("data", ({ event }: ChatEvent) => {
      if (event.case === "partDelta") text += event.value.text;
    });
    stream.on("error", reject);
    stream.on("end", resolve);
  });
  client.close();
  return text;
}
