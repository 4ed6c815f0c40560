// A gateway as a process of its own, on free ports, with nothing of this shell's configuration.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";

export interface GatewayProcess {
  readonly httpUrl: string;
  readonly grpcUrl: string;
  stop(): Promise<void>;
}

const startTimeoutMs = 30_000;

export async function startGatewayProcess(options: {
  /** Holds the database; the gateway also looks here for `.env` and `sluice.yaml`. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<GatewayProcess> {
  const main = join(import.meta.dirname, "..", `main${extname(import.meta.filename)}`);
  const environment = {
    HTTP_PORT: "0",
    GRPC_PORT: "0",
    LOG_LEVEL: "warn",
    // No load balancer stands before it.
    SHUTDOWN_DELAY_SECONDS: "0",
    ...options.environment,
  };
  const child = spawn(process.execPath, [main], {
    cwd: options.folder,
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  let inTime = true;
  const timeout = setTimeout(() => {
    inTime = false;
    child.kill("SIGKILL");
  }, startTimeoutMs);
  let httpUrl: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    httpUrl ??= /^\s+Connect\s+(http:\/\/[^/]+)/.exec(line)?.[1];
    const grpc = /^\s+gRPC\s+(\S+)/.exec(line)?.[1];
    if (httpUrl === undefined || grpc === undefined) continue;
    clearTimeout(timeout);
    child.stdout.resume();
    return {
      httpUrl,
      grpcUrl: `http://${grpc}`,
      async stop() {
        child.kill("SIGTERM");
        await exited;
      },
    };
  }
  clearTimeout(timeout);
  throw new GatewayStartError(
    inTime
      ? "The gateway ended before it was ready. What it said stands above."
      : `The gateway did not start within ${startTimeoutMs} ms.`,
  );
}

export class GatewayStartError extends Error {
  override readonly name = "GatewayStartError";
}
