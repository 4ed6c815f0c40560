import type { BenchContext, Figure } from "./bench-context.ts";
import { urlOf } from "./bench-context.ts";
import { jsonChat } from "./chats.ts";
import { checkSame, readCompletion } from "./read-answers.ts";
import { compare, type Side } from "./compare.ts";
import type { Child } from "./child-process.ts";
import type { HttpLoad } from "./messages.ts";
import { cpuColumns, loadNotes } from "./wording.ts";

const limit = 1.8;
const callers = 32;

const jsonRounds = { rounds: 25, roundMs: 400 } as const;

export const jsonLoad = (server: Child, durationMs: number): HttpLoad => ({
  protocol: "http",
  port: server.ports["http"] ?? 0,
  path: jsonChat.path,
  headers: {},
  body: jsonChat.body,
  callers,
  durationMs,
  expect: jsonChat.expect,
});

const side = (server: Child): Side => ({ server, load: (durationMs) => jsonLoad(server, durationMs) });

export const jsonCall: Figure = {
  name: "json",
  method: [
    "CPU of a JSON call: POST /v1/chat/completions, not streamed, 60 tokens; microseconds of the serving thread.",
    "Baseline: a gateway in one file on node:http and undici that checks the caller, parses request and answer and",
    "makes both anew, with the same connections to the same upstream. For information: a pipe that parses nothing.",
    `All: ${callers} connections, each with one call after the other; median of ${jsonRounds.rounds} rounds, taken in turn: short`,
    "ones, so that what the machine does meanwhile meets both sides of a round.",
  ],
  async measure(bench: BenchContext) {
    const upstreamPort = bench.upstream.ports["replay"];
    const upstream = { UPSTREAM: urlOf(upstreamPort) };
    const gateway = await bench.startGateway({ upstreamPort });
    const singleFile = await bench.startBaseline("single-file", upstream);
    await checkSame("JSON answers", [gateway, singleFile].map(readCompletion));
    const compared = await compare(
      bench,
      { ours: side(gateway), baseline: side(singleFile) },
      { ...jsonRounds, warmUpMs: 6_000, unitsPerCall: 1 },
    );
    await singleFile.end();
    const pipe = await bench.startBaseline("pipe", upstream);
    const piped = await compare(
      bench,
      { ours: side(gateway), baseline: side(pipe) },
      { ...jsonRounds, rounds: 9, warmUpMs: 2_000, unitsPerCall: 1 },
    );
    await Promise.all([gateway.end(), pipe.end()]);
    return {
      lines: [
        {
          name: "CPU of a JSON call",
          ...cpuColumns(compared),
          limit: `≤ ${limit}`,
          holds: compared.ratio.median <= limit,
        },
        { name: "CPU of a JSON call, beside a pipe", ...cpuColumns(piped) },
      ],
      notes: loadNotes(compared, "call"),
    };
  },
};
