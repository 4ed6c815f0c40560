// What every figure is given, and how it answers.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, startChild } from "./child-process.ts";
import {
  cpuReport,
  type CpuReport,
  type Load,
  loadReport,
  type LoadReport,
  readyReport,
} from "./messages.ts";

export interface Line {
  readonly name: string;
  readonly ours: string;
  readonly baseline: string;
  readonly ratio: string;
  /** Absent: told for information. */
  readonly limit?: string;
  readonly holds?: boolean;
}

export interface Figure {
  /** As on the command line. */
  readonly name: string;
  /** What is measured and how, for a reader who sees only the output. */
  readonly method: readonly string[];
  measure(
    bench: BenchContext,
  ): Promise<{ readonly lines: readonly Line[]; readonly notes: readonly string[] }>;
}

export interface BenchContext {
  readonly upstream: Child;
  readonly load: Child;
  readonly folder: string;
  startGateway(options: {
    readonly upstreamPort: number | undefined;
    readonly recording: "on" | "off";
  }): Promise<Child>;
  startBaseline(script: "baseline-pipe" | "baseline-h2", environment: Record<string, string>): Promise<Child>;
  /** What the server used for the load. */
  underLoad(server: Child, load: Load): Promise<{ readonly used: CpuReport; readonly load: LoadReport }>;
  close(): Promise<void>;
}

export const urlOf = (port: number | undefined): string => `http://127.0.0.1:${port}`;

export async function createBenchContext(): Promise<BenchContext> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const upstream = await startChild(new URL("./upstream-process.ts", import.meta.url));
  const load = await startChild(new URL("./load-process.ts", import.meta.url));
  const baselines = {
    "baseline-pipe": new URL("./baseline-pipe.ts", import.meta.url),
    "baseline-h2": new URL("./baseline-h2.ts", import.meta.url),
  };
  let gateways = 0;
  return {
    upstream,
    load,
    folder,
    startGateway({ upstreamPort, recording }) {
      gateways += 1;
      return startChild(new URL("./gateway-process.ts", import.meta.url), {
        UPSTREAM: urlOf(upstreamPort),
        DATABASE_URL: `sqlite:${join(folder, `gateway-${gateways}.db`)}`,
        RECORDING: recording,
      });
    },
    startBaseline: (script, environment) => startChild(baselines[script], environment),
    async underLoad(server, asked) {
      await server.ask({ ask: "begin" }, readyReport);
      const loaded = await load.ask({ ask: "load", load: asked }, loadReport);
      return { used: await server.ask({ ask: "end" }, cpuReport), load: loaded };
    },
    async close() {
      await load.end();
      await upstream.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
