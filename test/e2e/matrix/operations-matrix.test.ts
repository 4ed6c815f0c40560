// Every operation × every kind of caller × their own tenant and another: who is served, who is refused and how, and that
// a refusal changes nothing and tells nothing. An operation without a rule fails.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type MadeUpIssuer, startMadeUpIssuer } from "../../support/made-up-issuer.ts";
import { platform, serveGateway, type ServedGateway } from "../served-gateway.ts";
import { createTransports, type RpcTransports } from "./ask-rpc.ts";
import { dumpDatabase } from "./dump.ts";
import { createMaker, type Maker } from "./maker.ts";
import { type AllOperations, allOperations, type Operation, type Prepared } from "./operations.ts";
import type { Answer } from "./outcome.ts";
import type { Cell } from "./rule.ts";
import { type Caller, createCallers, seedTenant, type SeededTenant } from "./tenants.ts";

interface Asked extends Cell {
  readonly operation: Operation;
  readonly prepared: readonly Prepared[];
}

let served: ServedGateway;
let issuer: MadeUpIssuer;
let transports: RpcTransports;
let own: SeededTenant;
let other: SeededTenant;
let callers: readonly Caller[];
let make: Maker;
let all: AllOperations;
const wrong: string[] = [];
let asked = 0;

beforeAll(async () => {
  issuer = await startMadeUpIssuer();
  served = await serveGateway({ environment: { TRUST_PROXY: "127.0.0.1" } });
  transports = createTransports(served);
  own = await seedTenant(served, { id: "north-of-all", issuer: issuer.url });
  other = await seedTenant(served, { id: "south-of-all", issuer: issuer.url });
  callers = await createCallers(served, own);
  make = createMaker(served, { issuer: issuer.url, callers });
  all = await allOperations(served, transports);
}, 60_000);

afterAll(async () => {
  transports.close();
  await served.close();
  await issuer.close();
});

const cells = (): readonly (Cell & { readonly operation: Operation })[] =>
  all.operations.flatMap((operation) =>
    callers.flatMap((caller) => [own, other].map((at) => ({ operation, caller, own, at, make }))),
  );

const isDone = ({ operation, ...cell }: Cell & { readonly operation: Operation }) =>
  ["ok"].includes(operation.expected(cell));

const prepareAndAsk = async (cell: Cell & { readonly operation: Operation }): Promise<void> =>
  ask({ ...cell, prepared: await cell.operation.prepare(cell) });

async function ask({ operation, caller, at, prepared }: Asked): Promise<void> {
  for (const { expected, asked: request, send } of prepared) {
    const answer = await send();
    const name = `${operation.name} × ${caller.name} × ${at === own ? "own" : "other"}`;
    if (answer.outcome !== expected) {
      wrong.push(
        `${name}: expected ${expected}, was ${answer.outcome}: ${request} ${answer.text.slice(0, 300)}`,
      );
    }
    const leaked = leaks({ operation, caller, request, answer });
    if (leaked.length > 0) wrong.push(`${name}: tells ${leaked.join(", ")}: ${answer.text.slice(0, 2_000)}`);
    if (expected === "ok" && isShown({ operation, caller, at }) && !answer.text.includes(at.marker)) {
      wrong.push(`${name}: shows nothing of the tenant: ${answer.text.slice(0, 300)}`);
    }
  }
  asked += 1;
}

function isShown({ operation: { rule }, caller, at }: Pick<Asked, "operation" | "caller" | "at">): boolean {
  const { shows, elsewhere } = rule;
  if (shows === undefined || (elsewhere === "ok" && at === other)) return false;
  return shows === true || caller.permissions?.has(shows) === true;
}

/** What stands in an answer, and only the other tenant may know. */
function leaks(of: {
  readonly operation: Operation;
  readonly caller: Caller;
  readonly request: string;
  readonly answer: Answer;
}): readonly string[] {
  const { operation, caller, request, answer } = of;
  if (operation.rule.tellsAll === true || caller.permissions?.has("tenants:act_as") === true) return [];
  const { marker, id, users, apiKey, usedKeyId, requestId } = other;
  return [marker, id, ...users.map((user) => user.id), apiKey.id, apiKey.prefix, usedKeyId, requestId].filter(
    (secret) => answer.text.includes(secret) && !request.includes(secret),
  );
}

const groupsOf = <T>(entries: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(entries.length / size) }, (_, i) => entries.slice(i * size, (i + 1) * size));

test("each operation has a rule, and each rule an operation", () => {
  expect(all.unmatched).toEqual([]);
});

test("whoever may not is refused, learns nothing of another tenant, and changes nothing", async () => {
  const refused: Asked[] = [];
  for (const cell of cells().filter((each) => !isDone(each))) {
    refused.push({ ...cell, prepared: await cell.operation.prepare(cell) });
  }
  const before = await dumpDatabase(served);
  expect(before.length).toBeGreaterThan(100);
  for (const group of groupsOf(refused, 8)) await Promise.all(group.map(ask));
  expect(wrong.splice(0)).toEqual([]);
  expect(await dumpDatabase(served)).toEqual(before);
}, 60_000);

/** As the trail names it. */
function lackedBy({ permissions = new Set() }: Caller, { needs }: Operation["rule"]): string {
  if (needs === "user") return "user:own_password";
  // Who has it was refused for another tenant.
  return [...permissions].some((permission) => permission === needs) ? "tenants:act_as" : needs;
}

test("each refusal by a permission is in the trail", async () => {
  const expected = new Set(
    cells()
      .filter(({ operation, ...cell }) => operation.expected(cell) === "permission_denied")
      .map(
        ({ operation, caller }) =>
          `${caller.user?.id ?? caller.apiKeyId} ${lackedBy(caller, operation.rule)}`,
      ),
  );
  await expect
    .poll(async () => {
      const noted = new Set<string>();
      let after: string | undefined;
      for (;;) {
        const query = { tenantId: own.id, kind: "decision", first: 200, after } as const;
        const { entries, hasMore } = await served.gateway.administration.auditLog(platform, query);
        for (const { action, actor, target } of entries) {
          if (action === "permission.denied") noted.add(`${actor.id} ${target?.id}`);
        }
        after = entries.at(-1)?.id;
        if (!hasMore) break;
      }
      return [...expected].filter((each) => !noted.has(each));
    })
    .toEqual([]);
});

test("whoever may is served, and sees what is their tenant's", async () => {
  const served = cells().filter(isDone);
  const reads = served.filter(({ operation }) => !operation.changes);
  for (const group of groupsOf(reads, 8)) await Promise.all(group.map(prepareAndAsk));
  for (const cell of served.filter(({ operation }) => operation.changes)) await prepareAndAsk(cell);
  expect(wrong.splice(0)).toEqual([]);
}, 60_000);

test("all of the matrix was asked", () => {
  const total = all.operations.length * callers.length * 2;
  expect(asked).toBe(total);
  const share = Math.round((100 * asked) / total);
  process.stdout.write(
    `operations matrix: ${all.operations.length} operations × ${callers.length} principals × 2 tenants = ${asked} cells, ${share} %\n`,
  );
});
