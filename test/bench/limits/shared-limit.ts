import type { MeasuredFigure } from "../figure.ts";
import { takeInProcesses } from "../../stores/redis/take-in-processes.ts";
import type { LimitLine, LimitsContext } from "./limits-context.ts";

const mostRatio = 1.01;
const asked = { processes: 4, limit: 3_000, forMs: 5_000 } as const;

export const sharedLimit: MeasuredFigure<LimitsContext, LimitLine> = {
  name: "shared",
  method: [
    `${asked.processes} processes with one Redis ask for one bucket of ${asked.limit} a minute, each as fast as it can for ` +
      `${asked.forMs / 1_000} s.`,
    "What they are let in together, by what one would be: burst + refill × the time from the first to the last.",
  ],
  async measure() {
    const { admitted, asked: times, most } = await takeInProcesses(asked);
    const ratio = admitted / most;
    return {
      lines: [
        {
          name: "admitted by four processes",
          measured: `${ratio.toFixed(4)} ×`,
          limit: `≤ ${mostRatio} ×`,
          holds: ratio <= mostRatio,
        },
      ],
      notes: [`${times} asked, ${admitted} let in, ${most.toFixed(1)} at most`],
    };
  },
};
