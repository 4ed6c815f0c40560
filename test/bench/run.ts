// `npm run bench`: the figures that Sluice promises, each beside its baseline in the same run.

import { availableParallelism } from "node:os";
import { type BenchContext, createBenchContext, type Figure, type Line } from "./bench-context.ts";
import { decodeEvent } from "./decode-event.ts";
import { graphqlEvent } from "./graphql-event.ts";
import { grpcEvent } from "./grpc-event.ts";
import { idleMemory } from "./idle-memory.ts";
import { jsonCall } from "./json-call.ts";
import { loopDelay } from "./loop-delay.ts";
import { memoryGrowth } from "./memory-growth.ts";
import { recordingCost } from "./recording-cost.ts";
import { runFigures } from "./run-figures.ts";
import { sseEvent } from "./sse-event.ts";
import { startToReady } from "./start-to-ready.ts";
import { streamMemory } from "./stream-memory.ts";
import { tableOf } from "./table.ts";

const figures: readonly Figure[] = [
  jsonCall,
  sseEvent,
  grpcEvent,
  graphqlEvent,
  startToReady,
  idleMemory,
  memoryGrowth,
  recordingCost,
  loopDelay,
  decodeEvent,
  streamMemory,
];

await runFigures<BenchContext, Line>({
  figures,
  heading: [
    `Sluice's figures, on Node ${process.versions.node} with ${availableParallelism()} processors.`,
    "Server, upstream (the demo upstream; for JSON calls its answer from memory) and load generator are",
    "processes of their own, on loopback. The gateway keeps its records, bodies included, as on a first start",
    "(where a figure does not say otherwise), in a new SQLite file. Stages on: joinRun, limitConcurrency,",
    "recordCall, route, and all that belongs to an attempt; the provider's adapter is `openai`.",
  ],
  longestRunMs: 900_000,
  open: createBenchContext,
  notMeasured: (name) => ({ name, ours: "not measured", baseline: "", ratio: "", holds: false }),
  table: tableOf,
});
