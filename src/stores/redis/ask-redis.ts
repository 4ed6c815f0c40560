// One question to a Redis, for whoever wants to know whether limits and budgets can be kept there.

import type { Clock } from "../../core/clock.ts";
import { allBudgetScripts } from "./budgets.ts";
import { openConnection } from "./redis-connection.ts";
import { redisFailure } from "./redis-failure.ts";
import { withinTime } from "../within-time.ts";

const connectMs = 2_000;
const patienceMs = 3_000;

/** Why it cannot be used, as a sentence without its password; undefined where it can. */
export async function askRedis(url: string, clock: Clock): Promise<string | undefined> {
  const connection = openConnection({ url, connectMs, lost: () => {} });
  try {
    const asked = connection.opened.then(() =>
      Promise.all(allBudgetScripts.map((script) => script.load(connection))),
    );
    await withinTime(asked, { clock, patienceMs });
    return undefined;
  } catch (error) {
    return redisFailure(url, error).sentence;
  } finally {
    connection.destroy();
  }
}
