// Several processes on one Redis have one limit.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
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

const limit = 3_000;
const processes = 4;

test("four processes are let in as often as one would be, and not more", async () => {
  const redis = await startRedis();
  const args = [script, redis.url, "rpm:{shared}", String(limit), "1500"];
  const outcomes = await Promise.all(
    Array.from({ length: processes }, async () => {
      const { stdout } = await run(process.execPath, args);
      return outcome.parse(JSON.parse(stdout));
    }),
  );
  await redis.remove();
  const sumOf = (of: "admitted" | "asked") => outcomes.reduce((sum, each) => sum + each[of], 0);
  const fromMs = Math.min(...outcomes.map((each) => each.fromMs));
  const toMs = Math.max(...outcomes.map((each) => each.toMs));
  const most = limit + ((toMs - fromMs) * limit) / 60_000;
  expect(outcomes.flatMap(({ problems }) => problems)).toEqual([]);
  expect(sumOf("admitted") / most).toBeLessThanOrEqual(1.01);
  // Whoever is refused could not have been let in: they asked for more than there was.
  if (sumOf("asked") > most) expect(sumOf("admitted")).toBeGreaterThanOrEqual(limit);
  expect(outcomes.every(({ admitted }) => admitted > 0)).toBe(true);
});
