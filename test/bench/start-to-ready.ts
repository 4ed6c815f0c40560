import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { BenchContext, Figure } from "./bench-context.ts";
import { median } from "./statistics.ts";
import { milliseconds } from "./wording.ts";

const limitMs = 1_500;
const starts = 5;
const startTimeoutMs = 10_000;

const bareServer = `
  const server = require("node:http").createServer((_, response) => response.end());
  server.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + server.address().port + "/"));
`;

export const startToReady: Figure = {
  name: "start",
  method: [
    "Start to ready: `node src/main.ts` with nothing configured and a new database, from the start of the process",
    `to the first answer of /health; median of ${starts} starts, the files in the system's cache.`,
    "Baseline: a node process with an empty node:http server.",
  ],
  async measure(bench) {
    const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
    const ours: number[] = [];
    const bare: number[] = [];
    for (let start = 0; start < starts; start += 1) {
      bare.push(await timeStart(bench, ["-e", bareServer]));
      ours.push(await timeStart(bench, [main]));
    }
    const ratios = ours.map((value, start) => value / (bare[start] ?? Number.NaN));
    const range = `${Math.min(...ratios).toFixed(1)}–${Math.max(...ratios).toFixed(1)}`;
    return {
      lines: [
        {
          name: "start to ready",
          ours: milliseconds(median(ours)),
          baseline: milliseconds(median(bare)),
          ratio: `${median(ratios).toFixed(1)} (${range})`,
          limit: `≤ ${limitMs} ms`,
          holds: median(ours) <= limitMs,
        },
      ],
      notes: [`the starts: ${ours.map(milliseconds).join(", ")}`],
    };
  },
};

/** In a folder of its own, where no configuration lies; in milliseconds. */
async function timeStart({ folder }: BenchContext, args: readonly string[]): Promise<number> {
  const cwd = mkdtempSync(join(folder, "start-"));
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { HTTP_PORT: "0", GRPC_PORT: "0", LOG_LEVEL: "silent" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const timeout = setTimeout(() => child.kill("SIGKILL"), startTimeoutMs);
  try {
    const { origin } = new URL(await firstUrl(child));
    const health = await fetch(`${origin}/health`);
    const tookMs = performance.now() - began;
    await health.body?.cancel();
    if (!health.ok) throw new Error(`/health answers ${health.status}.`);
    return tookMs;
  } finally {
    clearTimeout(timeout);
    await end(child);
  }
}

/** The first address that the process prints; ours prints it when it is ready. */
async function firstUrl(child: ChildProcessByStdio<null, Readable, null>): Promise<string> {
  let printed = "";
  for await (const piece of child.stdout.iterator({ destroyOnReturn: false })) {
    printed += String(piece);
    const url = /http:\/\/[\d.]+:\d+\S*(?=\s)/.exec(printed)?.[0];
    if (url !== undefined) {
      child.stdout.resume();
      return url;
    }
  }
  throw new Error(`The process ended without an address; it printed: ${printed}`);
}

async function end(child: ChildProcessByStdio<null, Readable, null>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), startTimeoutMs);
  await exited;
  clearTimeout(force);
}
