// A folder that is like a fresh checkout, for the set-up and what comes after it, with nothing of this shell.

import { execFile } from "node:child_process";
import { symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { listen } from "../support/listen.ts";

const root = join(import.meta.dirname, "..", "..");

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

export interface SetupFolder {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  run(file: string, args: readonly string[], environment?: Record<string, string>): Promise<Ended>;
  /** As `npm run setup -- …` runs it. */
  setup(args: readonly string[], environment?: Record<string, string>): Promise<Ended>;
}

/** @param folder empty */
export function setupFolder(folder: string): SetupFolder {
  for (const name of ["package.json", ".npmrc", "setup-env.sh", "src", "generated", "node_modules"]) {
    symlinkSync(join(root, name), join(folder, name));
  }
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    TERM: "xterm-256color",
    npm_config_update_notifier: "false",
  };
  async function run(
    file: string,
    args: readonly string[],
    over: Record<string, string> = {},
  ): Promise<Ended> {
    const options = { cwd: folder, env: { ...environment, ...over }, timeout: 60_000 };
    // Its input is no terminal.
    const running = promisify(execFile)(file, args, options);
    running.child.stdin?.end();
    return running.then(
      ({ stdout, stderr }) => ({ code: 0, out: stdout, errors: stderr }),
      (error: { readonly code?: unknown; readonly stdout?: unknown; readonly stderr?: unknown }) => ({
        code: Number(error.code),
        out: String(error.stdout),
        errors: String(error.stderr),
      }),
    );
  }
  return {
    folder,
    environment,
    run,
    setup: (args, over) => run(process.execPath, ["src/setup.ts", ...args], over),
  };
}

/** Two that nobody has at the moment. */
export async function freePorts(): Promise<readonly [string, string]> {
  const servers = [createServer(), createServer()] as const;
  const [http, grpc] = await Promise.all([listen(servers[0]), listen(servers[1])]);
  for (const server of servers) server.close();
  return [String(http), String(grpc)];
}
