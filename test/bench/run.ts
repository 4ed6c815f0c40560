// `npm run bench`: the figures that Sluice promises, each beside its baseline in the same run. With names of
// figures it takes those only; `--no-fail` makes a missed figure no error.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { createBenchContext, type Figure, type Line } from "./bench-context.ts";
import { endChildren } from "./child-process.ts";
import { decodeEvent } from "./decode-event.ts";
import { graphqlEvent } from "./graphql-event.ts";
import { grpcEvent } from "./grpc-event.ts";
import { idleMemory } from "./idle-memory.ts";
import { jsonCall } from "./json-call.ts";
import { loopDelay } from "./loop-delay.ts";
import { memoryGrowth } from "./memory-growth.ts";
import { recordingCost } from "./recording-cost.ts";
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
const longestRunMs = 900_000;

const say = (text = ""): void => void process.stdout.write(`${text}\n`);

/** Resolves with the exit code. */
async function run(names: readonly string[], mayMiss: boolean): Promise<number> {
  const unknown = names.filter((name) => !figures.some((figure) => figure.name === name));
  if (unknown.length > 0) {
    say(`There is no figure "${unknown[0]}". There are: ${figures.map(({ name }) => name).join(", ")}.`);
    return 2;
  }
  say(`Sluice's figures, on Node ${process.versions.node} with ${availableParallelism()} processors.`);
  say("Server, upstream (the demo upstream; for JSON calls its answer from memory) and load generator are");
  say(
    "processes of their own, on loopback. The gateway keeps its records, bodies included, as on a first start",
  );
  say(
    "(where a figure does not say otherwise), in a new SQLite file. Stages on: joinRun, recordCall, route, and",
  );
  say("for each attempt its record; the provider's adapter is `openai`.");
  const bench = await createBenchContext();
  const lines: Line[] = [];
  try {
    for (const figure of figures.filter(({ name }) => names.length === 0 || names.includes(name))) {
      say();
      for (const line of figure.method) say(line);
      try {
        const measured = await figure.measure(bench);
        for (const note of measured.notes) say(`  ${note}`);
        lines.push(...measured.lines);
      } catch (error) {
        say(`  not measured: ${error instanceof Error ? error.message : String(error)}`);
        lines.push({ name: figure.name, ours: "not measured", baseline: "", ratio: "", holds: false });
      }
      await bench.endServers();
    }
  } finally {
    await bench.close();
  }
  say();
  say(tableOf(lines));
  return lines.some(({ holds }) => holds === false) && !mayMiss ? 1 : 0;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "no-fail": { type: "boolean", default: false } },
});
const watchdog = setTimeout(() => {
  process.stderr.write(`The bench took more than ${longestRunMs / 1000} s and was ended.\n`);
  endChildren();
  process.exit(1);
}, longestRunMs);
process.once("exit", endChildren);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
try {
  process.exitCode = await run(positionals, values["no-fail"]);
} finally {
  clearTimeout(watchdog);
  endChildren();
}
