// The figures that Sluice promises of limits.

import { availableParallelism } from "node:os";
import { runFigures } from "../run-figures.ts";
import { admission } from "./admission.ts";
import { limitStages } from "./limit-stages.ts";
import { createLimitsContext, type LimitLine, type LimitsContext, tableOfLimits } from "./limits-context.ts";
import { malformedKey } from "./malformed-key.ts";
import { oneNode } from "./one-node.ts";
import { operationsMatrix } from "./operations-matrix.ts";
import { sharedLimit } from "./shared-limit.ts";

await runFigures<LimitsContext, LimitLine>({
  figures: [admission, limitStages, malformedKey, oneNode, sharedLimit, operationsMatrix],
  heading: [
    `Sluice's figures of limits, on Node ${process.versions.node} with ${availableParallelism()} processors.`,
  ],
  longestRunMs: 300_000,
  open: createLimitsContext,
  notMeasured: (name) => ({ name, measured: "not measured", limit: "", holds: false }),
  table: tableOfLimits,
});
