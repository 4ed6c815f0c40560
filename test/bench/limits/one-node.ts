import { createMemoryLimits } from "../../../src/stores/memory/memory-limits.ts";
import { systemClock as clock } from "../../../src/system-clock.ts";
import type { MeasuredFigure } from "../figure.ts";
import type { LimitLine, LimitsContext } from "./limits-context.ts";

const limit = 60_000;
const forMs = 3_000;

export const oneNode: MeasuredFigure<LimitsContext, LimitLine> = {
  name: "one-node",
  method: [
    `One process asks a bucket of ${limit} a minute in memory, as fast as it can for ${forMs / 1_000} s.`,
    "What it is let in, beside burst + refill × time, rounded down.",
  ],
  async measure() {
    const store = createMemoryLimits({ clock });
    const bucket = { key: "rpm:{one}", limit };
    const fromMs = clock.monotonicMs();
    let admitted = 0;
    let asked = 0;
    let lastMs = fromMs;
    while (lastMs - fromMs < forMs) {
      const decision = store.take([{ bucket, cost: 1 }]);
      lastMs = clock.monotonicMs();
      if (decision.allowed) admitted += 1;
      asked += 1;
    }
    const most = Math.floor(limit + (limit / 60_000) * (lastMs - fromMs));
    return {
      lines: [
        {
          name: "admitted by one process",
          measured: `${admitted}`,
          limit: `≤ ${most}`,
          holds: admitted <= most,
        },
      ],
      notes: [`${asked} asked`],
    };
  },
};
