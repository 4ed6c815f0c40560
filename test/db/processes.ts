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

/** A program that has run the statements on the file and still has it open. */
export const startSql = (file: string, ...statements: readonly string[]): Promise<OtherProcess> =>
  start("run-sql.ts", [file, ...statements]);

/** The rows of the last of the statements, run by another program. @throws Error with what failed */
export async function rowsOf(file: string, ...statements: readonly string[]): Promise<unknown> {
  const program = await startSql(file, ...statements);
  await program.end();
  const said: unknown = JSON.parse(program.said);
  if (typeof said === "string") throw new Error(said);
  return said;
}
