import { setTimeout as wait } from "node:timers/promises";
import type { BenchContext, Figure } from "./bench-context.ts";
import { buildGateway } from "./built-gateway.ts";
import { bareServer, startProcess } from "./started-process.ts";
import { residentBytes, shareBytes } from "./process-memory.ts";
import { median } from "./statistics.ts";

const limitMegabytes = 170;
const processes = 3;
const idleMs = 2_000;

export const idleMemory: Figure = {
  name: "idle",
  method: [
    "Memory of the idle process: the built form with nothing configured and a warm compile cache, asked nothing, 2 s",
    `after it is ready; what is resident (VmRSS, as Linux tells it), median of ${processes} processes, 1 MB = 10⁶ bytes.`,
    "Baseline: a node process with an empty node:http server.",
  ],
  async measure(bench) {
    const built = await buildGateway(bench.folder);
    const args = [built.main];
    await residentAfterStart(bench, { args, environment: built.environment, waitMs: 0 });
    const ours = [];
    const bare = [];
    for (let count = 0; count < processes; count += 1) {
      const [our, empty] = await Promise.all([
        residentAfterStart(bench, { args, environment: built.environment, waitMs: idleMs }),
        residentAfterStart(bench, { args: bareServer, waitMs: idleMs }),
      ]);
      ours.push(our);
      bare.push(empty);
    }
    const resident = median(ours.map((each) => each.residentBytes));
    const baseline = median(bare.map((each) => each.residentBytes));
    return {
      lines: [
        {
          name: "memory of the idle process",
          ours: megabytes(resident),
          baseline: megabytes(baseline),
          ratio: (resident / baseline).toFixed(2),
          limit: `≤ ${limitMegabytes} MB`,
          holds: resident <= limitMegabytes * 1e6,
        },
      ],
      notes: [
        `the processes: ${ours.map((each) => megabytes(each.residentBytes)).join(", ")}; shared files counted by ` +
          `their share (Pss): ${megabytes(median(ours.map((each) => each.shareBytes)))}`,
      ],
    };
  },
};

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

interface Resident {
  readonly residentBytes: number;
  readonly shareBytes: number;
}

async function residentAfterStart(
  bench: BenchContext,
  options: {
    readonly args: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
    readonly waitMs: number;
  },
): Promise<Resident> {
  const started = await startProcess(bench, options.args, { environment: options.environment });
  try {
    await wait(options.waitMs);
    return {
      residentBytes: await residentBytes(started.pid),
      shareBytes: await shareBytes(started.pid),
    };
  } finally {
    await started.end();
  }
}
