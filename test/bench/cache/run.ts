// `npm run bench:cache`: the figures that Sluice promises of answers that are given again, and of streams that are resumed.

import { availableParallelism } from "node:os";
import { type BenchContext, createBenchContext, type Line } from "../bench-context.ts";
import { runFigures } from "../run-figures.ts";
import { tableOf } from "../table.ts";
import { exactHit } from "./exact-hit.ts";
import { hitLatency } from "./hit-latency.ts";
import { resumableMemory } from "./resumable-memory.ts";
import { semanticLookUp } from "./semantic-look-up.ts";
import { singleFlight } from "./single-flight.ts";
import { stagesOff } from "./stages-off.ts";

await runFigures<BenchContext, Line>({
  figures: [exactHit, hitLatency, resumableMemory, semanticLookUp, singleFlight, stagesOff],
  heading: [
    `Sluice's figures of cache and runs, on Node ${process.versions.node} with ${availableParallelism()} processors.`,
    "Server, upstream and load generator are processes of their own, on loopback; records go to a new SQLite file.",
  ],
  longestRunMs: 600_000,
  open: createBenchContext,
  notMeasured: (name) => ({ name, ours: "not measured", baseline: "", ratio: "", holds: false }),
  table: tableOf,
});
