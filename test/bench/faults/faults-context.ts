// What every figure of faults is given, and how it answers.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, startChild } from "../child-process.ts";
import { type MeasuredFigure, verdictOf } from "../figure.ts";
import { readyReport } from "../messages.ts";
import { alignedRows } from "../table.ts";
import { type Behaviour, type CallerQuestion, type UpstreamQuestion } from "./messages.ts";
import { type GatewayOptions, type ServedGateway, startGateway } from "./served-gateway.ts";

export interface FaultLine {
  readonly name: string;
  readonly measured: string;
  /** Absent: told for information. */
  readonly limit?: string;
  readonly holds?: boolean;
}

export type FaultFigure = MeasuredFigure<FaultsContext, FaultLine>;
export type Upstream = Child<UpstreamQuestion>;
export type Callers = Child<CallerQuestion>;

export interface FaultsContext {
  readonly callers: Callers;
  /** With a server for each target. */
  startUpstream(targets: readonly string[]): Promise<Upstream>;
  startGateway(options: GatewayOptions): Promise<ServedGateway>;
  endServers(): Promise<void>;
  close(): Promise<void>;
}

export async function createFaultsContext(): Promise<FaultsContext> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-faults-"));
  const callers: Callers = await startChild(new URL("./caller-process.ts", import.meta.url));
  const servers: { end(): Promise<unknown> }[] = [];
  const tracked = <T extends { end(): Promise<unknown> }>(server: T): T => {
    servers.push(server);
    return server;
  };
  return {
    callers,
    startUpstream: async (targets) =>
      tracked<Upstream>(
        await startChild(new URL("./upstream-process.ts", import.meta.url), { TARGETS: targets.join(",") }),
      ),
    startGateway: async (options) => tracked(await startGateway(folder, options)),
    async endServers() {
      await Promise.all(servers.splice(0).map((server) => server.end()));
    },
    async close() {
      await callers.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function behave(upstream: Upstream, target: string, as: Behaviour): Promise<void> {
  await upstream.ask({ ask: "behave", target, as }, readyReport);
}

export const tableOfFaults = (lines: readonly FaultLine[]): string =>
  alignedRows([
    ["figure", "measured", "limit", ""],
    ...lines.map((line) => [line.name, line.measured, line.limit ?? "", verdictOf(line)]),
  ]);
