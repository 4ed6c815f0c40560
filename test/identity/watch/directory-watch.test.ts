// What is forgotten when the directory changes, here and on other nodes.

import { describe, expect, it } from "vitest";
import { createDirectoryFixture, type Fixture, startedFixture } from "../directory-fixture.ts";

const other = (fixture: Fixture) =>
  startedFixture({ sharing: { clock: fixture.clock, database: fixture.database } });

const revoked = { code: "unauthenticated", reason: "revoked" };

describe("a revoked key", () => {
  it("is refused at once on the own node, and with the next poll on others", async () => {
    const here = await startedFixture();
    const there = await other(here);
    const { id, secret } = await here.makeKey();
    for (const node of [here, there]) await node.authenticate(secret);
    await here.changeKey(id, { revokedAtMs: here.clock.epochMs() });
    await here.watch.look();
    await expect(here.authenticate(secret)).rejects.toMatchObject(revoked);
    await there.authenticate(secret);
    there.clock.advance(2_000);
    await expect
      .poll(() => there.authenticate(secret).catch((error: unknown) => error))
      .toMatchObject(revoked);
  });

  it("that was deleted is unknown from then on", async () => {
    const { makeKey, authenticate, write, database, watch } = await startedFixture();
    const { id, secret } = await makeKey();
    await authenticate(secret);
    const { apiKey } = (await database.keyById(id)) ?? {};
    await write({ type: "delete_api_key", id, seen: apiKey?.version ?? 0 });
    await watch.look();
    await expect(authenticate(secret)).rejects.toMatchObject({ reason: "unknown" });
  });

  it("is not let in by an answer that was read before, whoever waits for it", async () => {
    const { makeKey, authenticate, changeKey, clock, watch, hold, asked } = await startedFixture();
    const { id, secret } = await makeKey();
    const answer = hold();
    const before = authenticate(secret);
    await expect.poll(() => asked.keyByHash).toBe(1);
    await changeKey(id, { revokedAtMs: clock.epochMs() });
    const looking = watch.look();
    // It forgets before it reads anything else; what is read is held back too.
    await expect.poll(() => asked.changesSince).toBe(2);
    const during = authenticate(secret);
    answer();
    await looking;
    const after = authenticate(secret);
    for (const each of [before, during, after]) await expect(each).rejects.toMatchObject(revoked);
  });
});

describe("a change", () => {
  it("drops what it is of and nothing else", async () => {
    const fixture = await startedFixture();
    const { makeKey, putTenant, putUser, changeKey, authenticate, watch, asked } = fixture;
    await putTenant("blue");
    const a = await makeKey();
    const b = await makeKey({ userId: "ann" });
    const c = await makeKey({ tenantId: "blue" });
    await watch.look();
    const queries = async () => {
      const before = asked.keyByHash ?? 0;
      const each: number[] = [];
      for (const { secret } of [a, b, c]) {
        const at = asked.keyByHash ?? 0;
        await authenticate(secret);
        each.push((asked.keyByHash ?? 0) - at);
      }
      expect(asked.keyByHash).toBe(before + each.reduce((sum, one) => sum + one, 0));
      return each;
    };
    expect(await queries()).toEqual([1, 1, 1]);
    await changeKey(a.id, { name: "renamed" });
    await watch.look();
    expect(await queries()).toEqual([1, 0, 0]);
    await putUser("ann", "viewer");
    await watch.look();
    expect(await queries()).toEqual([0, 1, 0]);
    await putTenant("blue", { limits: { requestsPerMinute: 1 } });
    await watch.look();
    expect(await queries()).toEqual([0, 0, 1]);
    await watch.look();
    expect(await queries()).toEqual([0, 0, 0]);
    expect(await authenticate(c.secret)).toMatchObject({
      grants: { tenant: { limits: { requestsPerMinute: 1 } } },
    });
    expect([...(await authenticate(b.secret)).permissions]).toEqual(["usage:view"]);
  });

  it("drops everything where more has changed than is remembered", async () => {
    const fixture = await startedFixture({ changesMax: 2 });
    const { makeKey, changeKey, putTenant, authenticate, watch, asked } = fixture;
    const { id, secret } = await makeKey();
    await watch.look();
    await authenticate(secret);
    for (let i = 0; i < 3; i += 1) await putTenant("blue", { name: `Blue ${i}` });
    await watch.look();
    await authenticate(secret);
    expect(asked.keyByHash).toBe(2);
    expect(watch.tenants.find("blue")).toMatchObject({ active: true });
    await changeKey(id, { active: false });
    for (let i = 0; i < 3; i += 1) await putTenant("blue", { name: `Blue ${i}` });
    await watch.look();
    await expect(authenticate(secret)).rejects.toMatchObject({ reason: "inactive" });
  });

  it("of a session concerns no key", async () => {
    const { makeKey, authenticate, write, watch, clock, asked } = await startedFixture();
    const { secret } = await makeKey();
    await watch.look();
    await authenticate(secret);
    const hasApiKeys = asked.hasApiKeys;
    const session = {
      id: "s",
      userId: "ann",
      tenantId: "red",
      createdAtMs: clock.epochMs(),
      expiresAtMs: clock.epochMs() + 1_000,
      endedAtMs: undefined,
    };
    await write({ type: "start_session", session, refreshHash: { keyId: "k", hash: "h" } });
    await watch.look();
    await authenticate(secret);
    expect(asked).toMatchObject({ keyByHash: 1, hasApiKeys });
  });

  it("is told to who follows, and again where it could not be read whole", async () => {
    const { makeKey, changeKey, watch, fail, store } = await startedFixture();
    const told: unknown[] = [];
    watch.follow({ forget: (changed) => told.push(changed) });
    const { id } = await makeKey();
    await watch.look();
    expect(told).toEqual([[{ kind: "api_key", id }]]);
    await changeKey(id, { name: "x" });
    const whole = { ...store };
    Object.assign(store, { apiKeysById: () => Promise.reject(new Error("away")) });
    await watch.look();
    expect(watch.problems()).toHaveLength(1);
    Object.assign(store, whole);
    await watch.look();
    expect(watch.problems()).toEqual([]);
    await watch.look();
    expect(told).toHaveLength(3);
    fail(new Error("away"));
    await watch.look();
    expect(watch.problems()).toEqual([
      "Changes of tenants, users and keys cannot be read: the log says why.",
    ]);
  });
});

describe("looking", () => {
  it("happens every two seconds, one look at a time, until it is stopped", async () => {
    const { clock, watch, asked, hold } = await startedFixture();
    expect(asked.changesSince).toBe(1);
    clock.advance(1_999);
    expect(asked.changesSince).toBe(1);
    const answer = hold();
    clock.advance(1);
    await expect.poll(() => asked.changesSince).toBe(2);
    clock.advance(60_000);
    const looks = [watch.look(), watch.look(), watch.look()];
    await new Promise(setImmediate);
    expect(asked.changesSince).toBe(2);
    answer();
    await Promise.all(looks);
    // Those three are one, which began after what they want to see.
    expect(asked.changesSince).toBe(3);
    await watch.stop();
    expect(clock.pendingTimers).toBe(0);
    clock.advance(60_000);
    await watch.look();
    expect(asked.changesSince).toBe(3);
  });

  it("goes on after a failure", async () => {
    const { clock, watch, fail, asked } = await startedFixture();
    fail(new Error("away"));
    clock.advance(2_000);
    await expect.poll(() => watch.problems()).toHaveLength(1);
    fail();
    await expect.poll(() => clock.pendingTimers).toBe(1);
    clock.advance(2_000);
    await expect.poll(() => watch.problems()).toEqual([]);
    expect(asked.changesSince).toBe(3);
  });

  it("begins with what has to be known, or not at all", async () => {
    const fixture = createDirectoryFixture();
    fixture.fail(new Error("away"));
    await expect(fixture.watch.start()).rejects.toThrow("away");
    expect(fixture.clock.pendingTimers).toBe(0);
    expect(fixture.watch.hearsChanges()).toBe(false);
  });
});
