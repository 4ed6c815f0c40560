// The gateway as `npm start` starts it, with a configuration file and a database of its own.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { residentBytes } from "../process-memory.ts";
import { startProcess } from "../started-process.ts";
import { model } from "./chats.ts";

export interface GatewayOptions {
  /** Port by provider, in the order in which the route `default` tries them. */
  readonly targets: Readonly<Record<string, number | undefined>>;
  /** Of each provider, as in the configuration file. */
  readonly policy?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Makes it tell its live memory. */
  readonly tellsLiveMemory?: boolean;
}

export interface ServedGateway {
  readonly httpPort: number;
  readonly grpcPort: number;
  /** The sums of a metric's samples, by the values of the named labels, joined by spaces. */
  metric(name: string, ...labels: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** What the process holds in memory. */
  residentBytes(): Promise<number>;
  /** Of a gateway that tells it: what lives after a full collection, on the heap and beside it. */
  liveBytes(): Promise<number>;
  /** Asks it to end by SIGTERM; resolves with its exit code. */
  end(): Promise<number | null>;
}

const main = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));
const tellLiveMemory = fileURLToPath(new URL("tell-live-memory.ts", import.meta.url));
/** All calls are of one tenant. */
const unlimited = { REQUESTS_PER_MINUTE: "off", TOKENS_PER_MINUTE: "off" } as const;
const ready = /gRPC +[\d.]+:(\d+)\s/;

export async function startGateway(
  parent: string,
  { targets, policy = {}, environment = {}, tellsLiveMemory = false }: GatewayOptions,
): Promise<ServedGateway> {
  const folder = mkdtempSync(join(parent, "gateway-"));
  const file = join(folder, "sluice.yaml");
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configurationOf(targets, policy)));
  const live = join(folder, "live-memory");
  const started = await startProcess(
    { folder },
    [...(tellsLiveMemory ? ["--expose-gc", "--import", tellLiveMemory] : []), main, `--config=${file}`],
    { environment: { ...unlimited, ...environment, LIVE_MEMORY: live }, ready },
  );
  const { origin, printed, pid } = started;
  return {
    httpPort: Number(new URL(origin).port),
    grpcPort: Number(ready.exec(printed)?.[1]),
    async metric(name, ...labels) {
      const answer = await fetch(`${origin}/metrics`, { headers: { accept: "text/plain" } });
      return samplesOf(await answer.text(), name, labels);
    },
    residentBytes: () => residentBytes(pid),
    async liveBytes() {
      process.kill(pid, "SIGUSR2");
      while (!existsSync(live)) await wait(10);
      const bytes = Number(readFileSync(live, "utf8"));
      rmSync(live);
      return bytes;
    },
    end: () => started.end(),
  };
}

const configurationOf = (
  targets: GatewayOptions["targets"],
  policy: Readonly<Record<string, unknown>>,
): object => ({
  providers: Object.fromEntries(
    Object.entries(targets).map(([name, port]) => [
      name,
      {
        kind: "openai",
        apiKey: "not-a-secret",
        baseUrl: `http://127.0.0.1:${port}/v1`,
        models: [model],
        ...policy,
      },
    ]),
  ),
  routes: { default: { targets: Object.keys(targets).map((provider) => ({ provider, model })) } },
});

function samplesOf(text: string, name: string, labels: readonly string[]): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  for (const [, written = "", value] of text.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, "gm"))) {
    const key = labels.map((label) => new RegExp(`${label}="([^"]*)"`).exec(written)?.[1] ?? "");
    const of = key.join(" ");
    samples.set(of, (samples.get(of) ?? 0) + Number(value));
  }
  return samples;
}
