// Calls the gRPC port of a gateway.

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorInfoSchema } from "../../../generated/proto/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../../generated/proto/google/rpc/status_pb.ts";
import {
  type ChatEvent,
  ChatEventSchema,
  ChatRequestSchema,
  type ChatResponse,
  ChatResponseSchema,
  Role,
} from "../../../generated/proto/sluice/v1/chat_pb.ts";
import type { CallEnd, CallerOptions, LoadCaller } from "./load-caller.ts";

/** A server takes so many calls of one connection at a time that one would be the measure of all. */
const connections = 4;
const service = "/sluice.v1.ChatService";

interface Calling {
  readonly client: Client;
  readonly request: Buffer;
  readonly metadata: Metadata;
  readonly signal: AbortSignal;
}

export function createGrpcCaller(options: CallerOptions): LoadCaller {
  const { url, stream, model, prompt, apiKey, monotonicMs } = options;
  const clients = Array.from({ length: connections }, () => clientFor(url));
  const messages = [{ role: Role.USER, parts: [{ content: { case: "text" as const, value: prompt } }] }];
  const request = Buffer.from(
    toBinary(ChatRequestSchema, create(ChatRequestSchema, { model: model ?? "", messages })),
  );
  const metadata = new Metadata();
  if (apiKey !== undefined) metadata.set("authorization", `Bearer ${apiKey}`);
  let calls = 0;
  return {
    call(signal) {
      const client = clients[calls++ % connections];
      if (client === undefined) return Promise.resolve({ code: "no_answer" });
      const calling = { client, request, metadata, signal };
      return stream ? callStreamed(calling, monotonicMs) : callWhole(calling);
    },
    close() {
      for (const client of clients) client.close();
    },
  };
}

function clientFor(url: URL): Client {
  const secure = url.protocol === "https:";
  const port = url.port === "" ? (secure ? "443" : "80") : url.port;
  return new Client(
    `${url.hostname}:${port}`,
    secure ? credentials.createSsl() : credentials.createInsecure(),
    // Else all clients of one address share one connection.
    { "grpc.use_local_subchannel_pool": 1, "grpc.max_receive_message_length": -1 },
  );
}

const itself = (bytes: Buffer): Buffer => bytes;

const callWhole = ({ client, request, metadata, signal }: Calling): Promise<CallEnd> =>
  new Promise((resolve) => {
    const call = client.makeUnaryRequest(
      `${service}/Chat`,
      itself,
      (bytes): ChatResponse => fromBinary(ChatResponseSchema, bytes),
      request,
      metadata,
      (error, answer) => {
        if (error !== null) resolve(errorEnd(error, signal));
        else resolve({ code: "ok", provider: answer?.provider, attempts: answer?.meta?.attempts });
      },
    );
    signal.addEventListener("abort", () => call.cancel(), { once: true });
  });

const callStreamed = (
  { client, request, metadata, signal }: Calling,
  monotonicMs: () => number,
): Promise<CallEnd> =>
  new Promise((resolve) => {
    const call = client.makeServerStreamRequest(
      `${service}/StreamChat`,
      itself,
      (bytes): ChatEvent => fromBinary(ChatEventSchema, bytes),
      request,
      metadata,
    );
    let end: CallEnd = { code: "broken_answer" };
    call.on("data", ({ event }: ChatEvent) => {
      if (event.case === "started") end = { ...end, provider: event.value.provider };
      else if (event.case === "finished") end = { ...end, code: "ok", attempts: event.value.meta?.attempts };
      else if (event.case === "partDelta" && end.firstTokenAtMs === undefined && event.value.text !== "") {
        end = { ...end, firstTokenAtMs: monotonicMs() };
      }
    });
    call.on("error", (error: ServiceError) => resolve({ ...end, ...errorEnd(error, signal) }));
    call.on("end", () => resolve(end));
    signal.addEventListener("abort", () => call.cancel(), { once: true });
  });

const errorEnd = (error: ServiceError, signal: AbortSignal): CallEnd =>
  signal.aborted ? { code: "unfinished" } : { code: codeOf(error), message: error.details };

/** The gateway's own code from Google's error details, else the name of the status. */
function codeOf(error: ServiceError): string {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  const named = status[error.code] ?? String(error.code);
  if (!(bytes instanceof Uint8Array)) return named;
  const info = fromBinary(StatusSchema, bytes).details.find(({ typeUrl }) =>
    typeUrl.endsWith("/google.rpc.ErrorInfo"),
  );
  return info === undefined ? named : fromBinary(ErrorInfoSchema, info.value).reason;
}
