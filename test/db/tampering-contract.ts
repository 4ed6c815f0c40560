// What is found where somebody has been at the tables of the audit trail who has no key for it.

import { expect, it } from "vitest";
import { platformTrail } from "../../src/core/directory/audit.ts";
import type { DirectoryStore } from "../../src/core/directory/directory-store.ts";
import { newSlug, noteEntries } from "./sample-directory.ts";

/** Runs statements, one after the other, over a connection of its own; gives the rows of the last. */
export type RunByAnother = (...statements: readonly string[]) => Promise<unknown>;

export interface TamperingFixture {
  readonly store: () => DirectoryStore;
  readonly run: RunByAnother;
  /** Take away what refuses to change an entry. */
  readonly removeGuards: readonly string[];
}

interface Tampering {
  readonly statements: (tenantId: string, other: string) => readonly string[];
  /** What is said of it first. */
  readonly problem: RegExp;
}

const entries = 5;

const third = (assignment: string, problem = /^Entry 3 is not as it was written/): Tampering => ({
  statements: (tenantId) => [
    `update audit_logs set ${assignment} where tenant_id = '${tenantId}' and sequence = 3`,
  ],
  problem,
});
const deleted = (condition: string, problem: RegExp): Tampering => ({
  statements: (tenantId) => [`delete from audit_logs where tenant_id = '${tenantId}' and ${condition}`],
  problem,
});
const head = (assignment: string): Tampering => ({
  statements: (tenantId) => [`update audit_heads set ${assignment} where tenant_id = '${tenantId}'`],
  problem: /^The end of the trail, after entry 5, is not as it was written/,
});

const columns = `kind, action, actor_type, actor_id, target_type, target_id, before, after, address, correlation_id, count,
  hash, key_id, seal_before, created_at, updated_at`;
/** An entry once more, of another number, maybe in another trail. */
const copied = (from: string, sequence: number, to: string, as: number) =>
  `insert into audit_logs (id, tenant_id, sequence, ${columns})
   select '${newSlug()}', '${to}', ${as}, ${columns} from audit_logs where tenant_id = '${from}' and sequence = ${sequence}`;
const headSetBack = (tenantId: string, sequence: number) =>
  `update audit_heads set sequence = ${sequence}, hash =
     (select hash from audit_logs where tenant_id = '${tenantId}' and sequence = ${sequence})
   where tenant_id = '${tenantId}'`;

const headCopied = (from: string, to: string) =>
  `insert into audit_heads (tenant_id, sequence, hash, key_id, mac, created_at, updated_at)
   select '${to}', sequence, hash, key_id, mac, created_at, updated_at from audit_heads where tenant_id = '${from}'`;
const headEmptied = (tenantId: string) =>
  `update audit_heads set sequence = 0, key_id = '', mac = '', hash = '${"0".repeat(64)}' where tenant_id = '${tenantId}'`;
const headTaken = (tenantId: string) => `delete from audit_heads where tenant_id = '${tenantId}'`;

const someIsMissing = /^Some trail of this gateway is missing whole, or the end of one was changed/;
const isMissing = (sequence: number) => new RegExp(`^Entry ${sequence} is missing`);
const wasPutIn = (sequence: number) => new RegExp(`^An entry of the number ${sequence} was put in`);
const isChanged = (sequence: number) => new RegExp(`^Entry ${sequence} is not as it was written`);

const tamperings: Readonly<Record<string, Tampering>> = {
  id: third("id = 'x' || id"),
  "another trail's": third("tenant_id = 'elsewhere' || id", isMissing(3)),
  "moved behind the others": third("sequence = 99", isMissing(3)),
  kind: third("kind = 'decision'"),
  "a kind that there is not": third("kind = 'party'"),
  action: third("action = 'api_key.view'"),
  "actor's type": third("actor_type = 'system'"),
  actor: third("actor_id = 'somebody'"),
  "no actor": third("actor_id = null"),
  "target's type": third("target_type = 'user'"),
  target: third("target_id = 'x'"),
  "no target": third("target_type = null, target_id = null"),
  "half a target": third("target_id = null"),
  before: third(`before = '{"name":"Other"}'`),
  after: third(`after = '{"name":"Other"}'`),
  "no after": third("after = null"),
  "the same in other words": third(
    `after = '{"limits":{"a":[1,null,"ü"],"tokensPerMinute":1e3},"name":"Backend"}'`,
  ),
  "what a reader would not see": third(
    `after = '{"name":"x","limits":{"a":[1,null,"ü"],"tokensPerMinute":1000},"name":"Backend"}'`,
  ),
  address: third("address = '198.51.100.1'"),
  "correlation id": third("correlation_id = null"),
  count: third("count = 2"),
  time: third("created_at = created_at + 1, updated_at = updated_at + 1"),
  "time of change": third("updated_at = updated_at + 1"),
  hash: third("hash = '0' || substr(hash, 2, 62) || '0'"),
  "another key": third("key_id = 'audit-1'"),
  "a key that there is not": third("key_id = 'forged'"),
  "a note of a seal": third("seal_before = 'audit-1:' || hash"),

  "first deleted": deleted("sequence = 1", isMissing(1)),
  "one in the middle deleted": deleted("sequence = 3", isMissing(3)),
  "last deleted": deleted("sequence = 5", isMissing(5)),
  "last ones deleted": deleted("sequence > 2", isMissing(3)),
  "all deleted": deleted("sequence > 0", isMissing(1)),
  "one deleted, and the others moved up": {
    statements: (tenantId) => [
      `delete from audit_logs where tenant_id = '${tenantId}' and sequence = 3`,
      `update audit_logs set sequence = 3 where tenant_id = '${tenantId}' and sequence = 4`,
      `update audit_logs set sequence = 4 where tenant_id = '${tenantId}' and sequence = 5`,
    ],
    problem: isChanged(3),
  },
  "last deleted, and the end with it": {
    statements: (tenantId) => [
      `delete from audit_logs where tenant_id = '${tenantId}' and sequence = 5`,
      headSetBack(tenantId, 4),
    ],
    problem: /^The end of the trail, after entry 4/,
  },
  exchanged: {
    statements: (tenantId) =>
      [
        [2, -1],
        [3, 2],
        [-1, 3],
      ].map(
        ([from, to]) =>
          `update audit_logs set sequence = ${to} where tenant_id = '${tenantId}' and sequence = ${from}`,
      ),
    problem: isChanged(2),
  },

  "one put in behind": {
    statements: (tenantId) => [copied(tenantId, 3, tenantId, 6), headSetBack(tenantId, 6)],
    problem: isChanged(6),
  },
  "one put in before": {
    statements: (tenantId) => [copied(tenantId, 3, tenantId, 0)],
    problem: wasPutIn(0),
  },
  "one put in long before": {
    statements: (tenantId) => [copied(tenantId, 3, tenantId, -9_007_199_254_740_991)],
    problem: wasPutIn(-9_007_199_254_740_991),
  },
  "one in the place of another trail's": {
    statements: (tenantId, other) => [
      `delete from audit_logs where tenant_id = '${tenantId}' and sequence = 5`,
      copied(other, 5, tenantId, 5),
    ],
    problem: isChanged(5),
  },

  "end's number": head("sequence = 4"),
  "end's hash": head("hash = '00'"),
  "end's key": head("key_id = 'audit-1'"),
  "end's seal": head("mac = ''"),
  "no end": {
    statements: (tenantId) => [headTaken(tenantId)],
    problem: /^The end of the trail, after entry 5, is not as it was written/,
  },
};

export function tamperingIsFound({ store, run, removeGuards }: TamperingFixture): void {
  const problemOf = async (tenantId: string) => (await store().verifyAudit(tenantId)).problem;
  async function begun(count = entries): Promise<string> {
    const tenantId = newSlug();
    await noteEntries(store(), tenantId, count);
    return tenantId;
  }

  it("lets nobody change or remove an entry", async () => {
    const tenantId = await begun();
    for (const sql of [
      `update audit_logs set action = 'x' where tenant_id = '${tenantId}'`,
      "delete from audit_logs",
    ]) {
      await expect(run(sql)).rejects.toThrow(/append-only/);
    }
    expect(await store().verifyAudit(tenantId)).toMatchObject({ entries, intact: true });
  });

  it("misses a trail that was removed whole, though it may go on afterwards", async () => {
    await noteEntries(store(), platformTrail, 2);
    const tenantId = await begun();
    expect(await store().verifyAudit(platformTrail)).toMatchObject({ entries: 2, intact: true });
    await run(...removeGuards, headTaken(tenantId), `delete from audit_logs where tenant_id = '${tenantId}'`);
    expect(await problemOf(tenantId)).toMatch(someIsMissing);
    expect(await problemOf(platformTrail)).toMatch(someIsMissing);
    await noteEntries(store(), tenantId, 1);
    expect(await store().verifyAudit(tenantId)).toMatchObject({
      entries: 1,
      intact: false,
      problem: expect.stringMatching(someIsMissing),
    });
    expect(await problemOf(platformTrail)).toMatch(someIsMissing);
  });

  it("misses a trail that was emptied, though it may go on afterwards", async () => {
    const [tenantId, other] = [await begun(), await begun()];
    const emptied = [`delete from audit_logs where tenant_id = '${tenantId}'`, headEmptied(tenantId)];
    await run(...removeGuards, ...emptied);
    expect(await problemOf(tenantId)).toMatch(/^The end of the trail, after entry 0/);
    await noteEntries(store(), tenantId, 1);
    expect(await problemOf(tenantId)).toMatch(someIsMissing);
    expect(await problemOf(other)).toMatch(someIsMissing);
  });

  it("does not begin to count the trails again behind those that there are", async () => {
    const tenantId = await begun();
    await run(headTaken("*"));
    expect(await problemOf(tenantId)).toMatch(someIsMissing);
    await begun();
    await run(...removeGuards, headTaken(tenantId), `delete from audit_logs where tenant_id = '${tenantId}'`);
    expect(await problemOf(platformTrail)).toMatch(someIsMissing);
  });

  it("finds whatever was changed, removed, put in or exchanged where that was possible", async () => {
    const other = await begun();
    await run(...removeGuards);
    const trails = new Map<string, string>();
    for (const name of Object.keys(tamperings)) trails.set(name, await begun());
    await run(
      ...Object.entries(tamperings).flatMap(([name, { statements }]) =>
        statements(trails.get(name) ?? "", other),
      ),
    );
    const found: Record<string, string | undefined> = {};
    for (const [name, tenantId] of trails) found[name] = await problemOf(tenantId);
    expect(found).toEqual(
      Object.fromEntries(
        Object.entries(tamperings).map(([name, { problem }]): [string, unknown] => [
          name,
          expect.stringMatching(problem),
        ]),
      ),
    );
    // Of what was done to the others it tells nothing more.
    expect(await problemOf(other)).toMatch(someIsMissing);
  });

  it("does not make a trail whole again by what is added to it", async () => {
    const cut = await begun();
    await run(...removeGuards, headCopied(cut, "kept"));
    await noteEntries(store(), cut, 2);
    // The end as it was, with its seal: but the entries are there.
    await run(headTaken(cut), headCopied("kept", cut), headTaken("kept"));
    expect(await problemOf(cut)).toMatch(/^Entry 6 is behind the end of the trail/);
    await run(`delete from audit_logs where tenant_id = '${cut}' and sequence > 4`, headSetBack(cut, 4));
    await noteEntries(store(), cut, 1);
    expect(await problemOf(cut)).toMatch(isChanged(5));
  });

  it("finds another entry of the same number, at the end of a page too", async () => {
    const [short, long] = [await begun(), await begun(1002)];
    await run(
      ...removeGuards,
      "drop index audit_logs_sequence",
      copied(short, 3, short, 3),
      copied(long, 1001, long, 1001),
    );
    expect(await problemOf(short)).toMatch(wasPutIn(3));
    expect(await problemOf(long)).toMatch(wasPutIn(1001));
  });
}
