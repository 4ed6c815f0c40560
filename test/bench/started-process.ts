// A process that prints its address when it is ready, in a folder of its own, where no configuration lies by itself.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { BenchContext } from "./bench-context.ts";

type Spawned = ChildProcessByStdio<null, Readable, null>;

export interface StartedProcess {
  readonly pid: number;
  readonly origin: string;
  /** When it was started, on `performance`'s clock. */
  readonly beganMs: number;
  /** What it printed up to its being ready. */
  readonly printed: string;
  /** Asks it to end; resolves with its exit code, null where it had to be killed. */
  end(): Promise<number | null>;
}

export interface StartOptions {
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** In what is printed, its address apart: says that it is ready. */
  readonly ready?: RegExp;
}

const anyUrl = /http:\/\/[\d.]+:\d+\S*(?=\s)/;

const timeoutMs = 10_000;

/** The process that every figure of a start stands beside. */
export const bareServer = [
  "-e",
  `const server = require("node:http").createServer((_, response) => response.end());
  server.listen(0, "127.0.0.1", () => console.log("http://127.0.0.1:" + server.address().port + "/"));`,
] as const;

export async function startProcess(
  { folder }: Pick<BenchContext, "folder">,
  args: readonly string[],
  { environment = {}, ready = anyUrl }: StartOptions = {},
): Promise<StartedProcess> {
  const cwd = mkdtempSync(join(folder, "start-"));
  const beganMs = performance.now();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { HTTP_PORT: "0", GRPC_PORT: "0", LOG_LEVEL: "silent", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const timeout = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  try {
    const printed = await printedUntil(ready, child);
    const { origin } = new URL(anyUrl.exec(printed)?.[0] ?? "");
    return { pid: child.pid ?? 0, origin, beganMs, printed, end: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  } finally {
    clearTimeout(timeout);
  }
}

async function printedUntil(ready: RegExp, child: Spawned): Promise<string> {
  let printed = "";
  for await (const piece of child.stdout.iterator({ destroyOnReturn: false })) {
    printed += String(piece);
    if (ready.test(printed)) {
      child.stdout.resume();
      return printed;
    }
  }
  throw new Error(`The process ended before it was ready; it printed: ${printed}`);
}

async function end(child: Spawned): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  await exited;
  clearTimeout(force);
  return child.exitCode;
}
