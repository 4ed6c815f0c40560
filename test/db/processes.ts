// Real second processes for tests of the database.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface OtherProcess {
  /** The first line that it said. */
  readonly said: string;
  /** Ends its standard input and waits until it has ended. */
  end(): Promise<void>;
  kill(): Promise<void>;
}

const pathOf = (script: string) => fileURLToPath(new URL(script, import.meta.url));

const start = (script: string, args: readonly string[]): Promise<OtherProcess> =>
  startCommand(process.execPath, [pathOf(script), ...args]);

async function startCommand(command: string, args: readonly string[]): Promise<OtherProcess> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const [said] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    once(child, "exit").then(() => ["it ended without a word"]),
  ]);
  return {
    said: String(said),
    end() {
      child.stdin.end();
      return exitOf(child);
    },
    kill() {
      child.kill("SIGKILL");
      return exitOf(child);
    },
  };
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** A gateway's process on the database; see `hold-database.ts`. */
export const startHolder = (...args: string[]): Promise<OtherProcess> => start("hold-database.ts", args);

/** The same, where no file can grow beyond so many bytes. */
export function startHolderWithRoom(bytes: number, url: string): Promise<OtherProcess> {
  const command = `ulimit -f ${Math.ceil(bytes / 512)}; exec "$@"`;
  return startCommand("sh", ["-c", command, "sh", process.execPath, pathOf("hold-database.ts"), url]);
}

/** A program that has run one statement on the file and still has it open. */
export const startSql = (file: string, sql: string): Promise<OtherProcess> =>
  start("run-sql.ts", [file, sql]);

/** The rows of one statement, run by another program. */
export async function rowsOf(file: string, sql: string): Promise<unknown> {
  const program = await startSql(file, sql);
  await program.end();
  return JSON.parse(program.said);
}
