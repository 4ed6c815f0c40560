import { afterAll, afterEach, beforeAll } from "vitest";
import { systemClock } from "../../../src/system-clock.ts";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { budgetContract, type CreateStore } from "../budget-contract.ts";
import { budgetedCalls } from "../budgeted-calls.ts";
import { createNode, type Node } from "./shared-budgets.ts";

let server: RedisServer;
const nodes: Node[] = [];

beforeAll(async () => {
  server = await startRedis();
});
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.end();
});
afterAll(() => server.remove());

const create: CreateStore = (parts) => {
  const node = createNode({ url: server.url, ...parts });
  nodes.push(node);
  return { clock: systemClock, later: () => undefined, store: node.store };
};

budgetContract(create);
budgetedCalls(create);
