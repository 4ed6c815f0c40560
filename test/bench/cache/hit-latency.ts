import { type Figure, urlOf } from "../bench-context.ts";
import { jsonChat, keptJsonBody } from "../chats.ts";
import { type Child, startChild } from "../child-process.ts";
import { finelyInMs } from "../wording.ts";
import { checkHit } from "./check-hit.ts";
import { type OpenLoadQuestion, openLoadReport, type OpenLoadReport } from "./open-load-messages.ts";

const limitMs = 2;
const callsPerSecond = 2_000;
const connections = 64;
const rounds = 16;
const roundMs = 1_500;
const warmUpMs = 4_000;

type Callers = Child<OpenLoadQuestion>;

export const hitLatency: Figure = {
  name: "latency",
  method: [
    `Time of an exact hit at ${callsPerSecond} calls a second, on loopback: they come at that rate, some each millisecond, whatever`,
    "becomes of those before; a call that finds no connection free waits for one, and its time runs.",
    "Baseline: the pipe that parses nothing, at the same rate, with an upstream that answers from memory.",
    `p99 of that one of ${rounds} rounds of ${roundMs / 1_000} s, taken in turn, in which the callers' own timers were least late: the`,
    "others tell more of who else used the machine.",
  ],
  async measure(bench) {
    const upstreamPort = bench.upstream.ports["replay"];
    const gateway = await bench.startGateway({ upstreamPort, loggingPolicy: "metadata" });
    const pipe = await bench.startBaseline("pipe", { UPSTREAM: urlOf(upstreamPort) });
    const callers: Callers = await startChild(new URL("./open-load-process.ts", import.meta.url));
    try {
      await checkHit(gateway, keptJsonBody);
      const ours: OpenLoadReport[] = [];
      const baseline: OpenLoadReport[] = [];
      for (const server of [pipe, gateway]) await arrive(callers, server, warmUpMs);
      for (let round = 0; round < rounds; round += 1) {
        baseline.push(await arrive(callers, pipe, roundMs));
        ours.push(await arrive(callers, gateway, roundMs));
      }
      const p99Ms = p99Of(ours);
      return {
        lines: [
          {
            name: `p99 of an exact hit at ${callsPerSecond} a second`,
            ours: finelyInMs(p99Ms),
            baseline: finelyInMs(p99Of(baseline)),
            ratio: (p99Ms / p99Of(baseline)).toFixed(2),
            limit: `< ${limitMs} ms`,
            holds: p99Ms < limitMs,
          },
        ],
        notes: [
          "p50, p99, max (and p99 of how late the callers' timers were), the quietest round first",
          `ours: ${told(ours)}`,
          `baseline: ${told(baseline)}`,
        ],
      };
    } finally {
      await callers.end();
    }
  },
};

const arrive = (callers: Callers, server: Child, durationMs: number): Promise<OpenLoadReport> =>
  callers.ask(
    {
      ask: "arrive",
      load: {
        port: server.ports["http"] ?? 0,
        path: jsonChat.path,
        body: keptJsonBody,
        expect: jsonChat.expect,
        connections,
        callsPerSecond,
        durationMs,
      },
    },
    openLoadReport,
  );

const quietestFirst = (reports: readonly OpenLoadReport[]): readonly OpenLoadReport[] =>
  reports.toSorted((a, b) => a.lateMs.p99 - b.lateMs.p99);

const p99Of = (reports: readonly OpenLoadReport[]): number =>
  quietestFirst(reports)[0]?.tookMs.p99 ?? Number.NaN;

/** Of all rounds, the quietest first. */
const told = (reports: readonly OpenLoadReport[]): string =>
  quietestFirst(reports)
    .map(
      ({ tookMs: { p50, p99, max }, lateMs }) =>
        `${finelyInMs(p50)}, ${finelyInMs(p99)}, ${finelyInMs(max)} (${finelyInMs(lateMs.p99)})`,
    )
    .join("; ");
