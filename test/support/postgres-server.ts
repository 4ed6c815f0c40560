// Starts real PostgreSQL servers for tests: each a process of its own, see `postgres-process.ts`.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface PostgresServer {
  /** Without a database; the user may do everything. */
  readonly url: string;
  /** As an administrator stops it: connections are ended, what is committed stays. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends it for good and removes what it held. */
  remove(): Promise<void>;
}

export async function startPostgres(): Promise<PostgresServer> {
  const script = fileURLToPath(new URL("postgres-process.ts", import.meta.url));
  // In a group of its own: an interrupt from the keyboard ends us, and its standard input then ends it.
  const child = spawn(process.execPath, [script], { detached: true, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, "exit");
  const answer = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("The process of PostgreSQL has ended; see what it wrote.");
    return value;
  };
  const ask = async (line: string): Promise<void> => {
    child.stdin.write(`${line}\n`);
    await answer();
  };
  return {
    url: await answer(),
    stop: () => ask("stop"),
    start: () => ask("start"),
    async remove() {
      child.stdin.end();
      await exited;
    },
  };
}
