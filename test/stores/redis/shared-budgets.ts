// Budgets of several gateways on one real Redis.

import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { BudgetStore } from "../../../src/core/budgets/budget-store.ts";
import type { Clock } from "../../../src/core/clock.ts";
import {
  allBudgetScripts,
  createRedisBudgets,
  type RedisBudgetOptions,
} from "../../../src/stores/redis/budgets.ts";
import { createRedisScripts, type RedisScripts } from "../../../src/stores/redis/redis-scripts.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import type { WrittenSpend } from "../written-spend.ts";

/** Waits longer for answers than a gateway does: hundreds come at once here, on a machine that is shared. */
const patientClock: Clock = {
  ...systemClock,
  setTimer: (delayMs, run) => systemClock.setTimer(delayMs * 50, run),
};

/** Waits for answers six times as long as a gateway does, and tries again as soon. */
export const steadyClock: Clock = {
  ...systemClock,
  setTimer: (delayMs, run) => systemClock.setTimer(delayMs <= 50 ? delayMs * 6 : delayMs, run),
};

export interface Node {
  readonly store: BudgetStore;
  /** What its log would tell. */
  readonly told: string[];
  /** Lets it reach Redis again, where it is back. */
  end(): Promise<void>;
}

export interface NodeOptions extends Partial<Omit<RedisBudgetOptions, "scripts">> {
  readonly spend: WrittenSpend;
  /** Of the connection; absent: a patient one. */
  readonly linkClock?: Clock;
  /** What stands between it and Redis. */
  readonly through?: (scripts: RedisScripts) => RedisScripts;
}

export interface BudgetNodes {
  /** The one that all of them share. */
  readonly redis: RedisServer;
  /** One more, which ends with its test. */
  begin(options: NodeOptions): Node;
  /** Ends those that there are. */
  end(): Promise<void>;
}

/** For the tests of one file; whoever stops or freezes Redis wants one for each test. */
export function createBudgetNodes(redisFor: "all tests" | "each test"): BudgetNodes {
  const nodes: Node[] = [];
  let redis: RedisServer;
  const [before, after] = redisFor === "all tests" ? [beforeAll, afterAll] : [beforeEach, afterEach];

  async function end(): Promise<void> {
    for (const node of nodes.splice(0)) await node.end();
  }

  before(async () => {
    redis = await startRedis();
  });
  // The last one that is named is called first.
  after(() => redis.remove());
  afterEach(end);

  return {
    get redis() {
      return redis;
    },
    begin(options) {
      const node = createNode(redis.url, options);
      nodes.push(node);
      return node;
    },
    end,
  };
}

function createNode(
  url: string,
  { spend, linkClock = patientClock, through = (scripts) => scripts, ...options }: NodeOptions,
): Node {
  const told: string[] = [];
  const scripts = createRedisScripts({
    url,
    clock: linkClock,
    scripts: allBudgetScripts,
    tell: (message) => void told.push(message),
  });
  const store = createRedisBudgets({
    nodes: 1,
    policy: "closed",
    newId: randomUUID,
    clock: systemClock,
    ...options,
    scripts: through(scripts),
    spend,
  });
  return {
    store,
    told,
    async end() {
      await store.close();
      await scripts.close();
    },
  };
}
