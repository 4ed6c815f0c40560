// The baseline of gRPC: StreamChat in one file on grpc-js, its messages by the generated types. It reads the same
// SSE as the other baselines and sends the events that the gateway sends.

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { Server, ServerCredentials, type ServerWritableStream } from "@grpc/grpc-js";
import { randomUUID } from "node:crypto";
import {
  CacheStatus,
  type ChatEvent,
  type ChatRequest,
  ChatService,
  FinishReason,
  FinishedSchema,
  PartFinishedSchema,
  PartStartedSchema,
  ReplyMetaSchema,
  Role,
  StartedSchema,
  UsageSchema,
  UsageSource,
} from "../../generated/proto/sluice/v1/chat_pb.ts";
import { askUpstream, eachRead } from "./baseline-upstream.ts";
import type { AskedChat, ToldChunk, ToldUsage } from "./openai-wire.ts";
import { question } from "./messages.ts";
import { createMeter, serveParent } from "./parent-process.ts";

type Call = ServerWritableStream<ChatRequest, ChatEvent>;
type Event = ChatEvent["event"];

const { streamChat } = ChatService.method;

const definition = {
  streamChat: {
    path: `/${ChatService.typeName}/${streamChat.name}`,
    requestStream: false,
    responseStream: true,
    requestSerialize: (message: ChatRequest) => asBuffer(toBinary(streamChat.input, message)),
    requestDeserialize: (bytes: Buffer) => fromBinary(streamChat.input, bytes),
    responseSerialize: (message: ChatEvent) => asBuffer(toBinary(streamChat.output, message)),
    responseDeserialize: (bytes: Buffer) => fromBinary(streamChat.output, bytes),
  },
};

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const roles: Readonly<Record<number, string>> = {
  [Role.SYSTEM]: "system",
  [Role.USER]: "user",
  [Role.ASSISTANT]: "assistant",
  [Role.TOOL]: "tool",
};

const finishReasons: Readonly<Record<string, FinishReason>> = {
  stop: FinishReason.STOP,
  length: FinishReason.LENGTH,
  tool_calls: FinishReason.TOOL_CALLS,
  content_filter: FinishReason.CONTENT_FILTER,
};

const toUpstream = ({ model, messages, sampling }: ChatRequest): AskedChat => ({
  model,
  messages: messages.map(({ role, parts }) => ({
    role: roles[role] ?? "user",
    content: parts.map(({ content }) => (content.case === "text" ? content.value : "")).join(""),
  })),
  temperature: sampling?.temperature,
  stream: true,
  stream_options: { include_usage: true },
});

async function answer(call: Call): Promise<void> {
  const body = await askUpstream(JSON.stringify(toUpstream(call.request)));
  call.once("cancelled", () => body.destroy());
  const requestId = randomUUID();
  let sequence = 0n;
  let full = false;
  let reason = "";
  let model = "";
  const send = (event: Event) => {
    full = !call.write({ $typeName: "sluice.v1.ChatEvent", sequence, event });
    sequence += 1n;
  };
  const meta = () =>
    create(ReplyMetaSchema, {
      requestId,
      provider: "openai",
      model: call.request.model,
      modelServed: model,
      attempts: 1,
      cacheStatus: CacheStatus.BYPASS,
    });
  const begin = () => {
    const createdAt = timestampNow();
    send({
      case: "started",
      value: create(StartedSchema, { id: requestId, provider: "openai", model, createdAt, meta: meta() }),
    });
    send({ case: "partStarted", value: create(PartStartedSchema, { part: { case: "text", value: {} } }) });
  };
  const sendChunk = ({ model: served, choices, usage }: ToldChunk) => {
    model = served;
    if (sequence === 0n) begin();
    const choice = choices[0];
    const text = choice?.delta.content;
    if (typeof text === "string" && text !== "") {
      send({ case: "partDelta", value: { $typeName: "sluice.v1.PartDelta", index: 0, text } });
    }
    if (typeof choice?.finish_reason === "string") {
      reason = choice.finish_reason;
      send({ case: "partFinished", value: create(PartFinishedSchema) });
    }
    if (usage) send({ case: "usage", value: toUsage(usage) });
  };
  await eachRead(body, (chunks) => {
    for (const chunk of chunks) sendChunk(chunk);
    if (!full) return;
    full = false;
    body.pause();
    call.once("drain", () => body.resume());
  });
  const finished = { reason: finishReasons[reason], rawReason: reason, meta: meta() };
  send({ case: "finished", value: create(FinishedSchema, finished) });
  call.end();
}

const toUsage = ({ prompt_tokens, completion_tokens, ...usage }: ToldUsage) => {
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  return create(UsageSchema, {
    input: {
      total: BigInt(prompt_tokens),
      uncached: BigInt(prompt_tokens - cached),
      cacheRead: BigInt(cached),
    },
    output: {
      total: BigInt(completion_tokens),
      text: BigInt(completion_tokens - reasoning),
      reasoning: BigInt(reasoning),
    },
    source: UsageSource.REPORTED,
  });
};

const server = new Server({
  "grpc.max_receive_message_length": 33_554_432,
  "grpc.max_concurrent_streams": 1_024,
  // As in the gateway: its counters cost on every message and nothing reads them.
  "grpc.enable_channelz": 0,
});
server.addService(definition, {
  streamChat: (call: Call) => {
    answer(call).catch((error: unknown) =>
      call.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  },
});
const port = await new Promise<number>((resolve, reject) => {
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
    if (error === null) resolve(bound);
    else reject(error);
  });
});

serveParent({ ports: { grpc: port }, question, answer: createMeter() });
