// Several processes that take from one bucket of a Redis of their own, and what they are let in together.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { startRedis } from "../../support/redis-server.ts";

const run = promisify(execFile);
const script = fileURLToPath(new URL("taking-process.ts", import.meta.url));
const outcome = z.object({
  admitted: z.number(),
  asked: z.number(),
  problems: z.array(z.string()),
  fromMs: z.number(),
  toMs: z.number(),
});

export interface TakenTogether {
  readonly asked: number;
  readonly admitted: number;
  /** What one process would have been let in from the first's beginning to the last's end. */
  readonly most: number;
  /** Of each process. */
  readonly admittedEach: readonly number[];
}

/** @throws Error where Redis was away for one of them */
export async function takeInProcesses(options: {
  readonly processes: number;
  readonly limit: number;
  readonly forMs: number;
}): Promise<TakenTogether> {
  const { processes, limit, forMs } = options;
  const redis = await startRedis();
  try {
    const args = [script, redis.url, "rpm:{shared}", String(limit), String(forMs)];
    const outcomes = await Promise.all(
      Array.from({ length: processes }, async () => {
        const { stdout } = await run(process.execPath, args);
        return outcome.parse(JSON.parse(stdout));
      }),
    );
    const problem = outcomes.flatMap(({ problems }) => problems)[0];
    if (problem !== undefined) throw new Error(problem);
    const fromMs = Math.min(...outcomes.map((each) => each.fromMs));
    const toMs = Math.max(...outcomes.map((each) => each.toMs));
    return {
      asked: outcomes.reduce((sum, each) => sum + each.asked, 0),
      admitted: outcomes.reduce((sum, each) => sum + each.admitted, 0),
      most: limit + ((toMs - fromMs) * limit) / 60_000,
      admittedEach: outcomes.map(({ admitted }) => admitted),
    };
  } finally {
    await redis.remove();
  }
}
