// Clients that stop reading in the middle of a stream, on the three kinds of connection.

import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { WebSocket } from "ws";
import { z } from "zod";
import type { ChatEvent } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { connectGrpc, openGrpcStream } from "./clients/grpc.ts";
import { graphqlInput } from "./clients/graphql-input.ts";
import { streamedRequest } from "./clients/openai.ts";
import type { ServedGateway } from "./serve-all.ts";

export interface StalledReader {
  /** Reads on; resolves with the number of deltas when the whole answer has come. */
  readOn(): Promise<number>;
  leave(): void;
}

export type OpenStalled = (
  parity: Pick<ServedGateway, "ports" | "baseUrl">,
  request: ChatRequest,
) => Promise<StalledReader>;

export const stalledGrpc: OpenStalled = async ({ ports }, request) => {
  const client = connectGrpc(ports.grpcPort);
  const call = openGrpcStream(client, request);
  // Cancelling is told as an error too.
  call.on("error", () => {});
  call.on("close", () => client.close());
  // The client pauses its connection only after a first message was asked of it.
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  call.once("data", () => {
    call.pause();
    begin();
  });
  await begun;
  return {
    async readOn() {
      let deltas = 0;
      let last: ChatEvent["event"]["case"];
      call.on("data", ({ event }: ChatEvent) => {
        last = event.case;
        if (event.case === "partDelta") deltas += 1;
      });
      call.resume();
      await once(call, "end");
      return last === "finished" ? deltas : Number.NaN;
    },
    leave: () => call.cancel(),
  };
};

export const stalledOpenAi: OpenStalled = async ({ ports }, request) => {
  const sent = httpRequest({
    host: "127.0.0.1",
    port: ports.httpPort,
    path: "/v1/chat/completions",
    method: "POST",
    headers: { "content-type": "application/json" },
    agent: false,
  });
  sent.on("error", () => {});
  sent.end(JSON.stringify(streamedRequest(request)));
  const response = await responseOf(sent);
  response.on("error", () => {});
  return {
    async readOn() {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        text += piece;
      });
      await once(response, "end");
      return text.endsWith("data: [DONE]\n\n") ? text.split('"delta":{"content":').length - 1 : Number.NaN;
    },
    leave: () => response.destroy(),
  };
};

const responseOf = (sent: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve) => sent.once("response", resolve));

// Each event has its text often, so that the answer is far longer than what the sockets hold.
const aliases = Array.from({ length: 24 }, (_, i) => `text${i}: text`).join(" ");
const wideSubscription = `subscription ($input: ChatInput!) {
  chat(input: $input) { type: __typename ... on PartDelta { ${aliases} } }
}`;

const messageSchema = z.object({
  type: z.string(),
  payload: z.object({ data: z.object({ chat: z.object({ type: z.string() }) }) }).optional(),
});

export const stalledWebsocket: OpenStalled = async ({ baseUrl }, request) => {
  const socket = new WebSocket(`${baseUrl.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  await once(socket, "open");
  let deltas = 0;
  const { promise: complete, resolve } = Promise.withResolvers<number>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  socket.on("message", (data: Buffer) => {
    const { type, payload } = messageSchema.partial({ payload: true }).parse(JSON.parse(data.toString()));
    if (type === "connection_ack") {
      const subscription = { query: wideSubscription, variables: { input: graphqlInput(request) } };
      socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: subscription }));
    }
    if (payload?.data.chat.type === "Started") {
      socket.pause();
      begin();
    }
    if (payload?.data.chat.type === "PartDelta") deltas += 1;
    if (type === "complete") resolve(deltas);
  });
  socket.send(JSON.stringify({ type: "connection_init" }));
  await begun;
  return {
    async readOn() {
      socket.resume();
      const read = await complete;
      socket.close();
      return read;
    },
    leave: () => socket.terminate(),
  };
};
