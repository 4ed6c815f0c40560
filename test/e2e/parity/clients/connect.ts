// Connect, as binary and as JSON, and gRPC-Web, by connect-node.

import { Agent } from "node:http";
import { type CallOptions, Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../../generated/proto/google/rpc/error_details_pb.ts";
import { ChatService } from "../../../../generated/proto/sluice/v1/chat_pb.ts";
import { EmbeddingService } from "../../../../generated/proto/sluice/v1/embedding_pb.ts";
import type { CallWords, ClientName, FrontEndClient } from "../client.ts";
import {
  createEventGatherer,
  embedOutcomeOfFailure,
  type Failure,
  outcomeOfFailure,
} from "../gather-outcome.ts";
import { rpcFailure } from "./error-info.ts";
import { outcomeOfEmbedResponse, protobufEmbedRequest } from "./protobuf-embeddings.ts";
import { coreEvent, outcomeOfResponse } from "./protobuf-events.ts";
import { protobufRequest } from "./protobuf-request.ts";

export function createConnectClients(baseUrl: string): readonly FrontEndClient[] {
  const agent = new Agent({ keepAlive: true });
  const common = { baseUrl, httpVersion: "1.1", nodeOptions: { agent } } as const;
  const close = () => agent.destroy();
  return [
    clientOf("Connect", createConnectTransport({ ...common, useBinaryFormat: true }), close),
    clientOf("Connect JSON", createConnectTransport({ ...common, useBinaryFormat: false }), close),
    clientOf("gRPC-Web", createGrpcWebTransport(common), close),
  ];
}

function clientOf(name: ClientName, transport: Transport, close: () => void): FrontEndClient {
  const client = createClient(ChatService, transport);
  const embeddings = createClient(EmbeddingService, transport);
  return {
    name,
    async chat(request, words = {}) {
      try {
        return outcomeOfResponse(await client.chat(protobufRequest(request), optionsOf(words)));
      } catch (error) {
        return outcomeOfFailure(failureOf(error));
      }
    },
    async stream(request, words = {}) {
      const gatherer = createEventGatherer(words.onContent);
      try {
        for await (const event of client.streamChat(protobufRequest(request), optionsOf(words))) {
          gatherer.add(coreEvent(event));
        }
        return gatherer.outcome();
      } catch (error) {
        return gatherer.outcome(failureOf(error));
      }
    },
    async embed(request, words = {}) {
      try {
        const response = await embeddings.embed(protobufEmbedRequest(request), optionsOf(words));
        return outcomeOfEmbedResponse(response);
      } catch (error) {
        return embedOutcomeOfFailure(failureOf(error));
      }
    },
    close,
  };
}

const optionsOf = ({ credential, correlationId, timeoutMs, signal }: CallWords): CallOptions => ({
  headers: {
    ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
    ...(correlationId === undefined ? {} : { "x-request-id": correlationId }),
  },
  ...(timeoutMs === undefined ? {} : { timeoutMs }),
  ...(signal === undefined ? {} : { signal }),
});

/** Connect's names of the codes in gRPC's spelling: `InvalidArgument` is `INVALID_ARGUMENT`. */
const grpcName = (code: Code): string => {
  const name = Code[code].replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return name === "CANCELED" ? "CANCELLED" : name;
};

function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof ConnectError)) throw thrown;
  return rpcFailure({
    grpc: grpcName(thrown.code),
    message: thrown.rawMessage,
    info: thrown.findDetails(ErrorInfoSchema)[0],
    retry: thrown.findDetails(RetryInfoSchema)[0],
  });
}
