import type { BenchContext, Figure } from "./bench-context.ts";
import { urlOf } from "./bench-context.ts";
import { jsonChat } from "./chats.ts";
import { compare, type Side } from "./compare.ts";
import type { Child } from "./child-process.ts";
import type { HttpLoad } from "./messages.ts";
import { cpuColumns, loadNotes } from "./wording.ts";

const limit = 3;
const callers = 32;

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
    "Baseline: node:http hands the body to the same upstream by undici and pipes the answer back, unparsed.",
    `Both: ${callers} connections, each with one call after the other; median of 7 rounds, taken in turn.`,
  ],
  async measure(bench: BenchContext) {
    const upstreamPort = bench.upstream.ports["replay"];
    const gateway = await bench.startGateway({ upstreamPort, recording: "on" });
    const pipe = await bench.startBaseline("baseline-pipe", { UPSTREAM: urlOf(upstreamPort) });
    const compared = await compare(
      bench,
      { ours: side(gateway), baseline: side(pipe) },
      { rounds: 7, roundMs: 2_000, warmUpMs: 5_000, unitsPerCall: 1 },
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
      ],
      notes: loadNotes(compared, "call"),
    };
  },
};
