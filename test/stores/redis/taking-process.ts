// One gateway of several, as far as limits go: takes from one bucket of a Redis as fast as it can, for a while, and says
// how often it was let in and when. Arguments: the Redis, the bucket's key, its limit, for how many milliseconds.

import { createRedisLimits } from "../../../src/stores/redis/redis-limits.ts";
import { redisOptions } from "./redis-options.ts";

const [url = "", key = "", limit = "1", forMs = "0"] = process.argv.slice(2);
const atOnce = 20;

const store = createRedisLimits(redisOptions(url));
const bucket = { key, limit: Number(limit) };
const fromMs = Date.now();
let admitted = 0;
let asked = 0;
while (Date.now() - fromMs < Number(forMs)) {
  const takes = Array.from({ length: atOnce }, async () => store.take([{ bucket, cost: 1 }]));
  const decisions = await Promise.all(takes);
  admitted += decisions.filter(({ allowed }) => allowed).length;
  asked += atOnce;
}
const problems = store.problems();
process.stdout.write(`${JSON.stringify({ admitted, asked, problems, fromMs, toMs: Date.now() })}\n`);
await store.close();
