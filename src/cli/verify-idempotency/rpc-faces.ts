// gRPC, Connect and gRPC-Web: Chat and StreamChat of each.

import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { ErrorInfoSchema } from "../../../generated/proto/google/rpc/error_details_pb.ts";
import { ChatService, Role } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import {
  type Face,
  type FaceAnswer,
  type FaceGroup,
  type FaceOptions,
  given,
  headersOf,
  prompt,
  refused,
  timeoutMs,
} from "./face.ts";

export function createRpcFaces(options: FaceOptions & { readonly grpcUrl: URL }): FaceGroup {
  const { url, grpcUrl } = options;
  const agent =
    url.protocol === "https:" ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const http = { baseUrl: url.origin, httpVersion: "1.1", nodeOptions: { agent } } as const;
  const sessionManager = new Http2SessionManager(grpcUrl.origin);
  return {
    faces: [
      ...facesOver("gRPC", createGrpcTransport({ baseUrl: grpcUrl.origin, sessionManager }), options),
      ...facesOver("Connect", createConnectTransport(http), options),
      ...facesOver("gRPC-Web", createGrpcWebTransport(http), options),
    ],
    close() {
      sessionManager.abort();
      agent.destroy();
    },
  };
}

function facesOver(name: string, transport: Transport, { model = "", apiKey }: FaceOptions): readonly Face[] {
  const client = createClient(ChatService, transport);
  const headers = headersOf(apiKey);
  const messages = [{ role: Role.USER, parts: [{ content: { case: "text" as const, value: prompt } }] }];
  return [
    {
      name: `${name} Chat`,
      ask: (key) =>
        neverRejecting(async () => {
          const own = { ...headers, "idempotency-key": key };
          const { id, parts } = await client.chat({ model, messages }, { headers: own, timeoutMs });
          return given(
            id,
            parts.map(({ content }) => (content.case === "text" ? content.value : "")).join(""),
          );
        }),
    },
    {
      name: `${name} StreamChat`,
      ask: (idempotencyKey) =>
        neverRejecting(async () => {
          let callId: string | undefined;
          let text = "";
          let isWhole = false;
          const request = { model, messages, idempotencyKey };
          for await (const { event } of client.streamChat(request, { headers, timeoutMs })) {
            if (event.case === "started") callId = event.value.id;
            else if (event.case === "partDelta") text += event.value.text;
            else if (event.case === "finished") isWhole = true;
          }
          return given(callId, isWhole ? text : undefined);
        }),
    },
  ];
}

async function neverRejecting(ask: () => Promise<FaceAnswer>): Promise<FaceAnswer> {
  try {
    return await ask();
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const [info] = error.findDetails(ErrorInfoSchema);
    return refused(`${info?.reason ?? Code[error.code]}: ${error.rawMessage}`);
  }
}
