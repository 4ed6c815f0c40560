import { type BenchContext, type Figure, urlOf } from "../bench-context.ts";
import { jsonChat, keptJsonBody, keptStreamedBody } from "../chats.ts";
import type { Child } from "../child-process.ts";
import { compare, type Comparison } from "../compare.ts";
import type { HttpLoad } from "../messages.ts";
import { cpuColumns, loadNotes } from "../wording.ts";
import { checkHit } from "./check-hit.ts";

const limit = 1.3;
const callers = 32;
const rounds = { rounds: 21, roundMs: 400, unitsPerCall: 1 } as const;
const streamedRounds = { rounds: 7, roundMs: 400, unitsPerCall: 1 } as const;

type Asked = Pick<HttpLoad, "body" | "expect">;

const whole: Asked = { body: keptJsonBody, expect: jsonChat.expect };
const streamed: Asked = { body: keptStreamedBody, expect: "data: [DONE]" };

export const exactHit: Figure = {
  name: "hit",
  method: [
    "CPU of an exact hit in memory: POST /v1/chat/completions, 60 tokens, temperature 0, the same question again and",
    "again; microseconds of the serving thread. Each hit has a record, as a gateway with keys keeps it (metadata).",
    "Baseline: a pipe that parses nothing and asks the upstream each time, for the same bodies. For information: with",
    "bodies in the records, as on a first start without keys; and streamed hits beside streams of the pipe.",
    `All: ${callers} connections, each with one call after the other; median of ${rounds.rounds} rounds, taken in turn.`,
  ],
  async measure(bench) {
    const replayPort = bench.upstream.ports["replay"];
    const demoPort = bench.upstream.ports["demo"];
    const gateway = await bench.startGateway({ upstreamPort: replayPort, loggingPolicy: "metadata" });
    const full = await bench.startGateway({ upstreamPort: replayPort });
    const pipe = await bench.startBaseline("pipe", { UPSTREAM: urlOf(replayPort) });
    for (const server of [gateway, full]) await checkHit(server, keptJsonBody);
    const hit = await beside(bench, { ours: gateway, pipe }, whole, { ...rounds, warmUpMs: 5_000 });
    const withBodies = await beside(bench, { ours: full, pipe }, whole, { ...rounds, warmUpMs: 3_000 });
    await Promise.all([gateway.end(), full.end(), pipe.end()]);

    const streaming = await bench.startGateway({ upstreamPort: demoPort, loggingPolicy: "metadata" });
    const streamPipe = await bench.startBaseline("pipe", { UPSTREAM: urlOf(demoPort) });
    await checkHit(streaming, keptStreamedBody);
    const sides = { ours: streaming, pipe: streamPipe };
    const stream = await beside(bench, sides, streamed, { ...streamedRounds, warmUpMs: 3_000 });
    return {
      lines: [
        {
          name: "CPU of an exact hit",
          ...cpuColumns(hit),
          limit: `≤ ${limit}`,
          holds: hit.ratio.median <= limit,
        },
        { name: "CPU of an exact hit, bodies kept", ...cpuColumns(withBodies) },
        { name: "CPU of a streamed hit", ...cpuColumns(stream) },
      ],
      notes: [...loadNotes(hit, "hit"), ...loadNotes(withBodies, "hit with its bodies")],
    };
  },
};

const beside = (
  bench: BenchContext,
  { ours, pipe }: { readonly ours: Child; readonly pipe: Child },
  asked: Asked,
  rounds: Parameters<typeof compare>[2],
): Promise<Comparison> => {
  const side = (server: Child) => ({
    server,
    load: (durationMs: number): HttpLoad => ({
      protocol: "http",
      port: server.ports["http"] ?? 0,
      path: jsonChat.path,
      headers: {},
      ...asked,
      callers,
      durationMs,
    }),
  });
  return compare(bench, { ours: side(ours), baseline: side(pipe) }, rounds);
};
