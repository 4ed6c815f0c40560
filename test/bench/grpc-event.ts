import { create, toBinary } from "@bufbuild/protobuf";
import { ChatRequestSchema, Role } from "../../generated/proto/sluice/v1/chat_pb.ts";
import type { BenchContext, Figure } from "./bench-context.ts";
import { urlOf } from "./bench-context.ts";
import { answerTokens, streamedPrompt } from "./chats.ts";
import type { Child } from "./child-process.ts";
import { compare, type Comparison, type Rounds, type Side } from "./compare.ts";
import { readStreamedText } from "./grpc-text.ts";
import { cpuColumns, loadNotes } from "./wording.ts";

const limit = 2.5;
const unpaced = { callers: 16, delayMs: 0 };
const paced = { callers: 100, delayMs: 10 };

const message = (role: Role, value: string) => ({
  role,
  parts: [{ content: { case: "text" as const, value } }],
});

function requestBytes(delayMs: number): Uint8Array {
  const { model, system, user, temperature } = streamedPrompt(delayMs);
  return toBinary(
    ChatRequestSchema,
    create(ChatRequestSchema, {
      model,
      messages: [message(Role.SYSTEM, system), message(Role.USER, user)],
      sampling: { temperature },
    }),
  );
}

export const grpcEvent: Figure = {
  name: "grpc",
  method: [
    `CPU of a gRPC event: StreamChat, ${answerTokens} tokens a stream, each an SSE event upstream and a message to`,
    "the caller; microseconds of the serving thread an SSE event, the call's own cost in it.",
    "Baseline: a hand-written node:http2 server that parses the same SSE and encodes each delta by hand.",
    `Unpaced: ${unpaced.callers} streams at once over 4 connections, the upstream as fast as it is read.`,
    `Paced: ${paced.callers} streams at once, ${paced.delayMs} ms a token.`,
  ],
  async measure(bench) {
    const fast = await comparePace(bench, unpaced, { rounds: 5, roundMs: 1_500, warmUpMs: 2_000 });
    const slow = await comparePace(bench, paced, { rounds: 2, roundMs: 3_000, warmUpMs: 1_000 });
    return {
      lines: [
        {
          name: "CPU of a gRPC event, unpaced",
          ...cpuColumns(fast),
          limit: `≤ ${limit}`,
          holds: fast.ratio.median <= limit,
        },
        { name: `CPU of a gRPC event, ${paced.delayMs} ms a token`, ...cpuColumns(slow) },
      ],
      notes: [...loadNotes(fast, "event"), ...loadNotes(slow, "event").map((note) => `paced: ${note}`)],
    };
  },
};

async function comparePace(
  bench: BenchContext,
  { callers, delayMs }: typeof unpaced,
  rounds: Omit<Rounds, "unitsPerCall">,
): Promise<Comparison> {
  const upstreamPort = bench.upstream.ports["demo"];
  const gateway = await bench.startGateway({ upstreamPort, recording: "on" });
  const server = await bench.startBaseline("baseline-h2", {
    UPSTREAM: urlOf(upstreamPort),
    TOKEN_DELAY_MS: String(delayMs),
  });
  const request = requestBytes(delayMs);
  const side = (server: Child): Side => ({
    server,
    load: (durationMs) => ({
      protocol: "grpc",
      port: server.ports["grpc"] ?? 0,
      requestBase64: Buffer.from(request).toString("base64"),
      callers,
      durationMs,
      expectMessages: answerTokens,
    }),
  });
  await checkSameText(request, [gateway, server]);
  const compared = await compare(
    bench,
    { ours: side(gateway), baseline: side(server) },
    { ...rounds, unitsPerCall: answerTokens },
  );
  await Promise.all([gateway.end(), server.end()]);
  return compared;
}

/** A baseline that sent something else would be none. */
async function checkSameText(request: Uint8Array, servers: readonly Child[]): Promise<void> {
  const texts = await Promise.all(
    servers.map((server) => readStreamedText(server.ports["grpc"] ?? 0, request)),
  );
  const [first = ""] = texts;
  if (first === "" || texts.some((text) => text !== first)) {
    throw new Error(`The gateway and its baseline stream different texts: ${JSON.stringify(texts)}`);
  }
}
