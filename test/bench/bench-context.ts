// What every figure is given, and how it answers.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, startChild } from "./child-process.ts";
import type { MeasuredFigure } from "./figure.ts";
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

export type Figure = MeasuredFigure<BenchContext, Line>;

/** The script of each. */
const baselines = {
  pipe: new URL("./baseline-pipe.ts", import.meta.url),
  "single-file": new URL("./baseline-single-file.ts", import.meta.url),
  h2: new URL("./baseline-h2.ts", import.meta.url),
  "grpc-js": new URL("./baseline-grpc-js.ts", import.meta.url),
  yoga: new URL("./baseline-yoga.ts", import.meta.url),
};

export type Baseline = keyof typeof baselines;

export interface BenchContext {
  readonly upstream: Child;
  readonly load: Child;
  readonly folder: string;
  startGateway(options: {
    readonly upstreamPort: number | undefined;
    /** As `LOGGING_POLICY`; absent: that of a gateway without keys. */
    readonly loggingPolicy?: "full" | "metadata";
  }): Promise<Child>;
  startBaseline(script: Baseline, environment: Record<string, string>): Promise<Child>;
  /** What the server used for the load; a gateway drops its records with `recording: false`. */
  underLoad(
    server: Child,
    load: Load,
    recording?: boolean,
  ): Promise<{ readonly used: CpuReport; readonly load: LoadReport }>;
  /** Ends the gateways and baselines that are left, as a figure leaves them that fails. */
  endServers(): Promise<void>;
  close(): Promise<void>;
}

export const urlOf = (port: number | undefined): string => `http://127.0.0.1:${port}`;

export async function createBenchContext(): Promise<BenchContext> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const upstream = await startChild(new URL("./upstream-process.ts", import.meta.url));
  const load = await startChild(new URL("./load-process.ts", import.meta.url));
  const servers: Child[] = [];
  let gateways = 0;
  return {
    upstream,
    load,
    folder,
    async startGateway({ upstreamPort, loggingPolicy = "full" }) {
      gateways += 1;
      const gateway = await startChild(new URL("./gateway-process.ts", import.meta.url), {
        UPSTREAM: urlOf(upstreamPort),
        DATABASE_URL: `sqlite:${join(folder, `gateway-${gateways}.db`)}`,
        LOGGING_POLICY: loggingPolicy,
      });
      servers.push(gateway);
      return gateway;
    },
    async startBaseline(script, environment) {
      const baseline = await startChild(baselines[script], environment);
      servers.push(baseline);
      return baseline;
    },
    async underLoad(server, asked, recording = true) {
      await server.ask({ ask: "begin", recording }, readyReport);
      const loaded = await load.ask({ ask: "load", load: asked }, loadReport);
      return { used: await server.ask({ ask: "end" }, cpuReport), load: loaded };
    },
    async endServers() {
      await Promise.all(servers.splice(0).map((server) => server.end()));
    },
    async close() {
      await load.end();
      await upstream.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
