import { getRandomValues } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AuditKind } from "../../../src/core/directory/audit.ts";
import { actorOf, type UndatedEntry } from "../../../src/core/directory/audit-entry.ts";
import { createAuditTrail } from "../../../src/core/directory/create-audit-trail.ts";
import { createIdSource } from "../../../src/core/ids.ts";
import { keylessPrincipal, principalOfRole } from "../../support/principals.ts";
import { turn } from "../../support/turn.ts";
import {
  administered,
  fieldsOf,
  makeKey,
  makeTenant,
  makeUser,
  nowMs,
  ofKey,
  ofUser,
  platform,
  refusal,
} from "./administered.ts";

const owner = principalOfRole("owner", "acme");
const newUuid = "0197a000-0000-7000-8000-000000000001";
const guess: UndatedEntry = {
  tenantId: "acme",
  kind: "refused_credential",
  action: "session.log_in",
  actor: { type: "unknown", id: undefined },
  target: undefined,
  before: undefined,
  after: undefined,
  origin: { address: "192.0.2.1" },
};

const neverFails = () => expect.unreachable();

describe("the trail", () => {
  it("is one's own tenant's, and all of them for who acts for all", async () => {
    const all = await administered();
    const { administration } = all;
    await makeTenant(all);
    await makeTenant(all, "beta");
    await makeUser(all);
    const seenBy = async (by = owner, tenantId?: string) =>
      (await administration.auditLog(by, { first: 200, tenantId })).entries.map((entry) => entry.tenantId);
    expect(await seenBy()).toEqual(["acme", "acme"]);
    expect(await seenBy(owner, "acme")).toEqual(["acme", "acme"]);
    expect((await seenBy(platform)).slice(0, 3)).toEqual(["acme", "beta", "acme"]);
    expect(await seenBy(platform, "beta")).toEqual(["beta"]);
    expect(await seenBy(platform, "platform")).toEqual([]);
    for (const tenantId of ["beta", "platform", "none"]) {
      expect(await refusal(administration.auditLog(owner, { first: 1, tenantId }))).toMatchObject({
        code: "not_found",
      });
      expect(await refusal(administration.verifyAudit(owner, tenantId))).toMatchObject({ code: "not_found" });
    }
    expect(await administration.verifyAudit(owner)).toEqual({
      tenantId: "acme",
      entries: 2,
      intact: true,
      problem: undefined,
      unchecked: undefined,
    });
    expect(await administration.verifyAudit(platform, "platform")).toMatchObject({
      intact: true,
      entries: 0,
    });
  });

  it("is asked by what happened, to what, by whom and when", async () => {
    const all = await administered();
    await makeTenant(all);
    const key = await makeKey(all);
    all.clock.advance(1_000);
    const user = await makeUser(all);
    const actions = async (query: object) =>
      (await all.administration.auditLog(owner, { first: 9, ...query })).entries.map(({ action }) => action);
    expect(await actions({})).toEqual(["user.create", "api_key.create", "tenant.create"]);
    expect(await actions({ action: "api_key.create" })).toEqual(["api_key.create"]);
    expect(await actions({ targetId: user.id })).toEqual(["user.create"]);
    expect(await actions({ targetId: key.id, kind: "change" })).toEqual(["api_key.create"]);
    expect(await actions({ kind: "decision" })).toEqual([]);
    expect(await actions({ fromMs: nowMs + 1 })).toEqual(["user.create"]);
    expect(await actions({ toMs: nowMs + 1 })).toEqual(["api_key.create", "tenant.create"]);
    const { entries } = await all.administration.auditLog(owner, { first: 1 });
    expect(await actions({ after: entries[0]?.id })).toEqual(["api_key.create", "tenant.create"]);
  });

  it("is whole in readings one after the other, by time and by sequence, while repeats wait to be written", async () => {
    const all = await administered();
    await makeTenant(all);
    const { clock, directory, administration } = all;
    const newId = createIdSource({ clock, fillRandom: (bytes) => void getRandomValues(bytes) });
    const trail = createAuditTrail({ store: directory, clock, newId, reportFault: neverFails });
    const read = async (query: object): Promise<readonly number[]> =>
      (await administration.auditLog(owner, { first: 200, ...query })).entries.map(
        ({ sequence }) => sequence,
      );
    trail.note(guess);
    clock.advance(2_000);
    await turn();
    for (let i = 0; i < 3; i += 1) trail.note(guess);
    clock.advance(18_000);
    await turn();
    const firstMs = clock.epochMs();
    const before = await read({ toMs: firstMs });
    clock.advance(120_000);
    await turn();
    await trail.flush();
    expect((await administration.auditLog(owner, { first: 1 })).entries).toMatchObject([
      { sequence: 3, count: 3, atMs: nowMs + 2_000 },
    ]);
    expect([before, await read({ fromMs: firstMs })]).toEqual([[2, 1], [3]]);
    expect(await read({ afterSequence: 2 })).toEqual([3]);
    expect(await read({ afterSequence: 3 })).toEqual([]);
    await trail.close();
  });

  it("goes on from a sequence where it is known of which trail", async () => {
    const all = await administered();
    await makeTenant(all);
    const asked = { first: 9, afterSequence: 0 };
    expect(fieldsOf(await refusal(all.administration.auditLog(platform, asked)))).toEqual(["tenantId"]);
    const named = await all.administration.auditLog(platform, { ...asked, tenantId: "acme" });
    expect(named.entries).toMatchObject([{ sequence: 1 }]);
    const behind = all.administration.auditLog(owner, { ...asked, after: newUuid });
    expect(fieldsOf(await refusal(behind))).toEqual(["afterSequence"]);
  });

  it("is asked for nothing that cannot be", async () => {
    const { administration } = await administered();
    const kind: AuditKind = JSON.parse('"nothing"');
    const asked = {
      first: 0,
      after: "x",
      kind,
      action: "\0",
      actorId: "a\n",
      targetId: "",
      fromMs: Number.NaN,
      toMs: 0.5,
      afterSequence: -1,
    };
    expect(fieldsOf(await refusal(administration.auditLog(owner, asked)))).toEqual(Object.keys(asked));
  });
});

it("an actor is a user, a key, nobody with a credential, or the gateway itself", async () => {
  const all = await administered();
  await makeTenant(all);
  const user = await makeUser(all);
  expect(actorOf(ofUser(user))).toEqual({ type: "user", id: user.id });
  const key = ofKey([]);
  expect(actorOf(key)).toEqual({ type: "api_key", id: key.apiKeyId });
  expect(actorOf({ ...key, userId: user.id })).toEqual({ type: "api_key", id: key.apiKeyId });
  expect(actorOf(keylessPrincipal)).toEqual({ type: "keyless", id: undefined });
  expect(actorOf({ ...keylessPrincipal, system: true })).toEqual({ type: "system", id: undefined });
});

it("an entry tells where its change came from, in one line", async () => {
  const all = await administered();
  const by = { ...platform, origin: { address: "2001:db8::1", correlationId: "x\nlevel=error\u202e" } };
  await all.administration.createTenant(by, { id: "acme", name: "Acme" });
  const { entries } = await all.administration.auditLog(owner, { first: 1 });
  expect(entries[0]?.origin).toEqual({
    address: "2001:db8::1",
    correlationId: "x\\u{000a}level=error\\u{202e}",
  });
});
