import { type BenchContext, type Figure, urlOf } from "./bench-context.ts";
import { answerTokens, streamedPrompt } from "./chats.ts";
import type { Child } from "./child-process.ts";
import { compare, type Comparison, type Side } from "./compare.ts";
import { type Pace, paced, unpaced } from "./compare-streams.ts";
import { encodeChatRequest } from "./encode-chat-request.ts";
import { readStreamedEvents } from "./grpc-events.ts";
import { checkSame } from "./read-answers.ts";
import { cpuColumns, loadNotes } from "./wording.ts";

const limit = 1.3;
const handWrittenLimit = 2.5;

const requestBytes = (delayMs: number): Uint8Array => encodeChatRequest(streamedPrompt(delayMs));

export const grpcEvent: Figure = {
  name: "grpc",
  method: [
    `CPU of a gRPC event: StreamChat, ${answerTokens} tokens a stream, each an SSE event upstream and a message to`,
    "the caller; microseconds of the serving thread an SSE event, the call's own cost in it.",
    "Baselines: the same service in one file on grpc-js and the generated types, the upstream's SSE read as in the",
    "other baselines; and a hand-written node:http2 server that encodes each delta by hand and nothing else.",
    `${paced.callers} streams at once over 4 connections, ${paced.delayMs} ms a token; unpaced: ${unpaced.callers} at once, the upstream as`,
    "fast as it is read.",
  ],
  async measure(bench) {
    const upstreamPort = bench.upstream.ports["demo"];
    const upstream = { UPSTREAM: urlOf(upstreamPort) };
    const gateway = await bench.startGateway({ upstreamPort });
    const grpcJs = await bench.startBaseline("grpc-js", upstream);
    await checkSame(
      "streams",
      [gateway, grpcJs].map((server) => readStreamedEvents(server, requestBytes(0))),
    );
    const fast = await compareAt(bench, { ours: gateway, baseline: grpcJs }, unpaced);
    const slow = await compareAt(bench, { ours: gateway, baseline: grpcJs }, paced);
    await grpcJs.end();
    const byHand = await bench.startBaseline("h2", upstream);
    await checkSame(
      "texts",
      [gateway, byHand].map((server) => readDeltas(server, requestBytes(0))),
    );
    const fastByHand = await compareAt(bench, { ours: gateway, baseline: byHand }, unpaced);
    await Promise.all([gateway.end(), byHand.end()]);
    return {
      lines: [
        {
          name: `CPU of a gRPC event, ${paced.delayMs} ms a token`,
          ...cpuColumns(slow),
          limit: `≤ ${limit}`,
          holds: slow.ratio.median <= limit,
        },
        { name: "CPU of a gRPC event, unpaced", ...cpuColumns(fast) },
        {
          name: "CPU of a gRPC event, unpaced, beside HTTP/2 by hand",
          ...cpuColumns(fastByHand),
          limit: `≤ ${handWrittenLimit}`,
          holds: fastByHand.ratio.median <= handWrittenLimit,
        },
      ],
      notes: [
        ...loadNotes(slow, "event"),
        ...loadNotes(fastByHand, "event").map((note) => `unpaced, HTTP/2 by hand: ${note}`),
      ],
    };
  },
};

function compareAt(
  bench: BenchContext,
  { ours, baseline }: { readonly ours: Child; readonly baseline: Child },
  { callers, delayMs, beginApartMs, rounds }: Pace,
): Promise<Comparison> {
  const requestBase64 = Buffer.from(requestBytes(delayMs)).toString("base64");
  const side = (server: Child): Side => ({
    server,
    load: (durationMs) => ({
      protocol: "grpc",
      port: server.ports["grpc"] ?? 0,
      requestBase64,
      callers,
      beginApartMs,
      durationMs,
      expectMessages: answerTokens,
    }),
  });
  return compare(
    bench,
    { ours: side(ours), baseline: side(baseline) },
    { ...rounds, unitsPerCall: answerTokens },
  );
}

/** The server by hand sends nothing else. */
const readDeltas = async (server: Child, request: Uint8Array): Promise<readonly string[]> =>
  (await readStreamedEvents(server, request)).flatMap(({ text }) => text ?? []);
