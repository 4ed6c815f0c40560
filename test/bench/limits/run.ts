// The figures that Sluice promises of limits.

import { availableParallelism } from "node:os";
import { runFigures } from "../run-figures.ts";
import { limitStages } from "./limit-stages.ts";
import { createLimitsContext, type LimitLine, type LimitsContext, tableOfLimits } from "./limits-context.ts";
import { sharedLimit } from "./shared-limit.ts";

await runFigures<LimitsContext, LimitLine>({
  figures: [limitStages, sharedLimit],
  heading: [
    `Sluice's figures of limits, on Node ${process.versions.node} with ${availableParallelism()} processors.`,
  ],
  longestRunMs: 300_000,
  open: createLimitsContext,
  notMeasured: (name) => ({ name, measured: "not measured", limit: "", holds: false }),
  table: tableOfLimits,
});
