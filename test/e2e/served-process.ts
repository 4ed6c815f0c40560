// The gateway as a process of its own, with the demo upstream in it, for tests of how it ends.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import type { Readable } from "node:stream";

const main = join(import.meta.dirname, "..", "..", "src", "main.ts");

export interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly errors: () => string;
  /** Its code and signal. */
  readonly ended: Promise<unknown[]>;
}

export function startProcess(folder: string, environment: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    env: { HTTP_PORT: "0", GRPC_PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (piece: Buffer) => (errors += piece.toString()));
  return { child, errors: () => errors, ended: once(child, "close") };
}

export interface Served extends Started {
  readonly httpUrl: string;
  readonly grpcPort: number;
  /** Every line of the log until now. */
  readonly lines: readonly string[];
  readonly sees: (text: string) => Promise<void>;
}

export async function serveIn(folder: string, environment: Record<string, string> = {}): Promise<Served> {
  const started = startProcess(folder, environment);
  const lines: string[] = [];
  const output = createInterface({ input: started.child.stdout });
  output.on("line", (line) => lines.push(line));
  const sees = async (text: string): Promise<void> => {
    while (!lines.some((line) => line.includes(text))) {
      const event = await Promise.race([once(output, "line"), started.ended.then(() => "ended")]);
      if (event === "ended") throw new Error(`It ended before it said "${text}": ${started.errors()}`);
    }
  };
  await sees("the demo upstream answers");
  const said = (pattern: RegExp) => lines.map((line) => pattern.exec(line)?.[1]).find((found) => found) ?? "";
  return {
    ...started,
    httpUrl: said(/OpenAI\s+(http:\S+)\/v1/),
    grpcPort: Number(said(/gRPC\s+\S+:(\d+)/)),
    lines,
    sees,
  };
}

export const ask = (httpUrl: string, content: string, stream = false): Promise<Response> =>
  fetch(`${httpUrl}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ stream, messages: [{ role: "user", content }] }),
  });

/** What the database of a process that has ended tells of its calls. */
export function recorded(folder: string, columns = "status"): Record<string, unknown>[] {
  const database = new DatabaseSync(join(folder, "sluice.db"), { readOnly: true });
  const rows = database.prepare(`select ${columns} from requests`).all();
  database.close();
  return rows;
}
