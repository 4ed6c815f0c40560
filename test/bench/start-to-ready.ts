import { fileURLToPath } from "node:url";
import type { BenchContext, Figure } from "./bench-context.ts";
import { buildGateway } from "./built-gateway.ts";
import { bareServer, startProcess } from "./started-process.ts";
import { median } from "./statistics.ts";
import { milliseconds } from "./wording.ts";

const limitMs = 700;
const starts = 5;

export const startToReady: Figure = {
  name: "start",
  method: [
    "Start to ready: the built form with nothing configured, a warm compile cache and a new database, from the start",
    `of the process to the first answer of /health; median of ${starts} starts, the files in the system's cache. For`,
    "information: `node src/main.ts`, without a compile cache. Baseline: a node process with an empty node:http server.",
  ],
  async measure(bench) {
    const built = await buildGateway(bench.folder);
    const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
    const startBuilt = () => timeStart(bench, [built.main], built.environment);
    const coldMs = await startBuilt();
    const ours: number[] = [];
    const fromSources: number[] = [];
    const bare: number[] = [];
    for (let start = 0; start < starts; start += 1) {
      bare.push(await timeStart(bench, bareServer));
      ours.push(await startBuilt());
      fromSources.push(await timeStart(bench, [main]));
    }
    return {
      lines: [
        {
          name: "start to ready",
          ...columns(ours, bare),
          limit: `≤ ${limitMs} ms`,
          holds: median(ours) <= limitMs,
        },
        { name: "start to ready, from the sources", ...columns(fromSources, bare) },
      ],
      notes: [
        `the starts: ${ours.map(milliseconds).join(", ")}; the first, which fills the compile cache: ${milliseconds(coldMs)}`,
      ],
    };
  },
};

function columns(ours: readonly number[], bare: readonly number[]) {
  const ratios = ours.map((value, start) => value / (bare[start] ?? Number.NaN));
  const range = `${Math.min(...ratios).toFixed(1)}–${Math.max(...ratios).toFixed(1)}`;
  return {
    ours: milliseconds(median(ours)),
    baseline: milliseconds(median(bare)),
    ratio: `${median(ratios).toFixed(1)} (${range})`,
  };
}

/** In milliseconds. */
async function timeStart(
  bench: BenchContext,
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<number> {
  const started = await startProcess(bench, args, { environment });
  try {
    const health = await fetch(`${started.origin}/health`);
    const tookMs = performance.now() - started.beganMs;
    await health.body?.cancel();
    if (!health.ok) throw new Error(`/health answers ${health.status}.`);
    return tookMs;
  } finally {
    await started.end();
  }
}
