// Bedrock's Converse. Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and
// …/API_runtime_ConverseStream.html

import { crc32 } from "node:zlib";
import { createBedrockProvider } from "../../../../src/providers/bedrock/index.ts";
import { awsEvent, awsMessage } from "../encode.ts";
import type { ToldReply, WireFormat } from "../wire-format.ts";

const exceptions = new Map([
  [400, "ValidationException"],
  [401, "UnrecognizedClientException"],
  [404, "ResourceNotFoundException"],
  [429, "ThrottlingException"],
  [500, "InternalServerException"],
  [503, "ServiceUnavailableException"],
]);

const reasonOf = ({ callArguments }: ToldReply): string =>
  callArguments === undefined ? "end_turn" : "tool_use";

const blocksOf = ({ text, callArguments }: ToldReply): readonly object[] => [
  ...(text === undefined ? [] : [{ text }]),
  ...(callArguments === undefined
    ? []
    : [{ toolUse: { toolUseId: "tooluse_1", name: "look_up", input: callArguments } }]),
];

/** Arguments come as text in a stream. */
function blockEvents({ text, callArguments }: ToldReply): readonly Uint8Array[] {
  const events: Uint8Array[] = [];
  if (text !== undefined) {
    events.push(
      awsEvent("contentBlockDelta", { contentBlockIndex: 0, delta: { text } }),
      awsEvent("contentBlockStop", { contentBlockIndex: 0 }),
    );
  }
  if (callArguments !== undefined) {
    const start = { toolUse: { toolUseId: "tooluse_1", name: "look_up" } };
    const delta = { toolUse: { input: callArguments } };
    events.push(
      awsEvent("contentBlockStart", { contentBlockIndex: 1, start }),
      awsEvent("contentBlockDelta", { contentBlockIndex: 1, delta }),
      awsEvent("contentBlockStop", { contentBlockIndex: 1 }),
    );
  }
  return events;
}

const started = awsEvent("messageStart", { role: "assistant" });

const usageEvents = (usage: unknown): readonly Uint8Array[] =>
  usage === undefined ? [] : [awsEvent("metadata", { usage, metrics: { latencyMs: 1 } })];

/** The first twelve bytes announce a message of 100 MiB, with the checksum that is right for that. */
function longMessageStart(): Uint8Array {
  const message = Buffer.from(awsEvent("contentBlockDelta", { delta: { text: "x".repeat(1_024) } }));
  message.writeUInt32BE(104_857_600, 0);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  return message;
}

export const bedrockFormat: WireFormat = {
  name: "bedrock",
  provider: (baseUrl) => createBedrockProvider({ baseUrl, apiKey: "a-key" }),
  requestIdHeader: "x-amzn-requestid",
  error: (status, words) => ({
    body: { message: words },
    headers: { "x-amzn-errortype": `${exceptions.get(status) ?? ""}:http://internal.amazon.com/` },
  }),
  whole: (reply) => ({
    output: { message: { role: "assistant", content: blocksOf(reply) } },
    stopReason: reasonOf(reply),
    usage: reply.usage,
    metrics: { latencyMs: 1 },
  }),
  hollow: { output: { message: { role: "assistant", content: [] } } },
  hollowStream: Buffer.concat([started, awsEvent("messageStop", {}), ...usageEvents({})]),
  streamType: "application/vnd.amazon.eventstream",
  stream: (reply) =>
    Buffer.concat([
      started,
      ...usageEvents(reply.earlierUsage),
      ...blockEvents(reply),
      awsEvent("messageStop", { stopReason: reasonOf(reply) }),
      ...usageEvents(reply.usage),
    ]),
  terminal: Buffer.concat([awsEvent("messageStop", { stopReason: "end_turn" }), ...usageEvents({})]),
  terminalIsReply: false,
  errorEvent: (words) =>
    awsMessage(
      { ":message-type": "exception", ":exception-type": "internalServerException" },
      { message: words },
    ),
  keepAlive: awsEvent("contentBlockDelta", { contentBlockIndex: 0, delta: {} }),
  frameStart: longMessageStart(),
  usage: ({ input, output, cached }) => ({
    inputTokens: input,
    outputTokens: output,
    cacheReadInputTokens: cached,
  }),
  inputHasCached: false,
  outputHasReasoning: true,
};
