import type { Figure } from "./bench-context.ts";
import { jsonLoad } from "./json-call.ts";
import { memoryReport } from "./messages.ts";

const limitMegabytes = 2;
const callsBefore = 10_000;
const callsInAll = 100_000;
const longestMs = 180_000;

export const memoryGrowth: Figure = {
  name: "growth",
  method: [
    `Growth of memory: heap and external memory of the serving thread after full collections, after ${callsInAll}`,
    `JSON calls over after ${callsBefore}, each time when all records are written; 1 MB = 10⁶ bytes. Baseline: the same`,
    `process after ${callsBefore} calls.`,
  ],
  async measure(bench) {
    const gateway = await bench.startGateway({ upstreamPort: bench.upstream.ports["replay"] });
    const holdsAfter = async (calls: number) => {
      const { load, used } = await bench.underLoad(gateway, { ...jsonLoad(gateway, longestMs), calls });
      if (load.calls !== calls) throw new Error(`${load.calls} calls were answered, not ${calls}.`);
      return {
        ...(await gateway.ask({ ask: "memory" }, memoryReport)),
        refused: used.recordsRefused ?? 0,
        load,
      };
    };
    const before = await holdsAfter(callsBefore);
    const after = await holdsAfter(callsInAll - callsBefore);
    await gateway.end();
    const grown = after.heapBytes - before.heapBytes;
    return {
      lines: [
        {
          name: `memory after ${callsInAll} calls`,
          ours: megabytes(after.heapBytes),
          baseline: megabytes(before.heapBytes),
          ratio: `${grown < 0 ? "" : "+"}${megabytes(grown)}`,
          limit: `≤ +${limitMegabytes} MB`,
          holds: grown <= limitMegabytes * 1e6,
        },
      ],
      notes: [
        `the whole process: ${megabytes(before.residentBytes)}, then ${megabytes(after.residentBytes)} resident; ` +
          `${Math.round((after.load.calls * 1000) / after.load.wallMs)} calls/s; ${after.refused} without a record`,
      ],
    };
  },
};

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(2)} MB`;
