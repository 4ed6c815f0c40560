// `npm run bench:faults`: the figures that Sluice promises of calls whose providers, callers or process fail.

import { availableParallelism } from "node:os";
import { runFigures } from "../run-figures.ts";
import { deadTarget } from "./dead-target.ts";
import { createFaultsContext, type FaultLine, type FaultsContext, tableOfFaults } from "./faults-context.ts";
import { leftStreams } from "./left-streams.ts";
import { overload } from "./overload.ts";
import { resilienceCost } from "./resilience-cost.ts";
import { retryShare } from "./retry-share.ts";
import { slowReaders } from "./slow-readers.ts";
import { stoppedStreams } from "./stopped-streams.ts";

await runFigures<FaultsContext, FaultLine>({
  figures: [deadTarget, retryShare, leftStreams, overload, slowReaders, stoppedStreams, resilienceCost],
  heading: [
    `Sluice's figures under faults, on Node ${process.versions.node} with ${availableParallelism()} processors.`,
    "Gateway, upstream and callers are processes of their own, on loopback. The gateway is started as `npm start` does",
    "it, with a configuration file and a new SQLite file; it keeps its records, bodies included (where a figure does not",
    "say otherwise). All but what is named is as by default.",
  ],
  longestRunMs: 420_000,
  open: createFaultsContext,
  notMeasured: (name) => ({ name, measured: "not measured", holds: false }),
  table: tableOfFaults,
});
