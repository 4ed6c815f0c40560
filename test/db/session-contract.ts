// What every database does for users' sessions.

import { expect, it } from "vitest";
import type { DirectoryStore } from "../../src/core/directory/directory-store.ts";
import { auditOf, family, newHash, sampleSession, written } from "./sample-directory.ts";
import { newId } from "./sample-records.ts";

const raceMs = 10_000;

/** What is told of a session that an old token ends; whose it is, is not known yet. */
function reuseOf(sessionId: string): Parameters<DirectoryStore["refreshSession"]>[0]["reuse"] {
  const target = { type: "session", id: sessionId };
  const { tenantId: _, ...reuse } = auditOf("", { kind: "refused_credential", target });
  return reuse;
}

export function sessionsAreKept(store: () => DirectoryStore): void {
  async function begun() {
    const { user, tenant } = await family(store());
    const session = sampleSession(user);
    const token = newHash();
    const version = await written(store(), { type: "start_session", session, refreshHash: token });
    const reuse = reuseOf(session.id);
    const refresh = (presented: { readonly hash: string }, atMs: number, next = newHash()) =>
      store().refreshSession({
        sessionId: session.id,
        presented: [newHash().hash, presented.hash],
        next,
        atMs,
        raceMs,
        reuse,
      });
    const trail = async () => {
      const { entries } = await store().audit({ tenantId: tenant.id, first: 10, after: undefined });
      return entries;
    };
    return { user, tenant, session, token, version, reuse, refresh, trail };
  }

  it("gives a session back with its user and tenant, until it has ended", async () => {
    const { user, tenant, session, version } = await begun();
    const found = await store().session(session.id);
    expect(found).toMatchObject({ session, user, tenant });
    expect(found?.session).toStrictEqual(session);
    expect((await store().changesSince(version - 1)).changed).toEqual([{ kind: "session", id: session.id }]);
    const again = { type: "start_session", session, refreshHash: newHash() } as const;
    expect(await store().write({ changes: [again], audit: [] })).toEqual({ outcome: "exists", at: 0 });

    const ended = await written(store(), { type: "end_session", id: session.id, atMs: 2_000_000 });
    expect(await store().session(session.id)).toBeUndefined();
    expect((await store().changesSince(ended - 1)).changed).toEqual([{ kind: "session", id: session.id }]);
    await written(store(), { type: "end_session", id: session.id, atMs: 2_000_001 });
    await written(store(), { type: "end_session", id: newId(), atMs: 1 });
    expect((await store().changesSince(ended)).changed).toEqual([]);
    expect(await store().session("no id")).toBeUndefined();
  });

  it("starts none by a password that is another one by now", async () => {
    const { user } = await family(store());
    const start = (passwordHash: string) => ({
      changes: [
        {
          type: "start_session",
          session: sampleSession(user),
          refreshHash: newHash(),
          passwordHash,
        } as const,
      ],
      audit: [],
    });
    expect(await store().write(start("the one before"))).toEqual({ outcome: "changed_meanwhile" });
    expect(await store().write(start("$argon2id$1"))).toMatchObject({ outcome: "written" });
  });

  it("ends every session of a user, and no other", async () => {
    const { user, session } = await begun();
    const other = await begun();
    const second = sampleSession(user);
    await written(store(), { type: "start_session", session: second, refreshHash: newHash() });
    const version = await written(store(), {
      type: "end_sessions_of_user",
      userId: user.id,
      atMs: 2_000_000,
    });
    expect(await store().session(session.id)).toBeUndefined();
    expect(await store().session(second.id)).toBeUndefined();
    expect(await store().session(other.session.id)).toBeDefined();
    expect((await store().changesSince(version - 1)).changed).toEqual([
      { kind: "session", id: session.id },
      { kind: "session", id: second.id },
      { kind: "user", id: user.id },
    ]);
  });

  it("remembers when a user's sessions were ended last, for tokens that have none", async () => {
    const { user, other } = { user: (await begun()).user, other: (await begun()).user };
    const endedAtMs = async (id: string) => (await store().userById(id))?.user.tokensEndedAtMs;
    expect(await endedAtMs(user.id)).toBeUndefined();
    const end = async (atMs: number) =>
      written(store(), { type: "end_sessions_of_user", userId: user.id, atMs, except: undefined });
    await end(2_000_000);
    expect(await endedAtMs(user.id)).toBe(2_000_000);
    // Another gateway's clock is behind.
    await end(1_999_000);
    expect(await endedAtMs(user.id)).toBe(2_000_000);
    await end(2_000_001);
    expect(await endedAtMs(user.id)).toBe(2_000_001);
    expect(await endedAtMs(other.id)).toBeUndefined();
    // What was read of the user may still be changed.
    const [listed] = await store().usersById([user.id]);
    const change = { type: "put_user", user: { ...user, name: "Ada" }, seen: listed?.version } as const;
    expect(await store().write({ changes: [change], audit: [] })).toMatchObject({ outcome: "written" });
    expect(await endedAtMs(user.id)).toBe(2_000_001);
  });

  it("ends every session of a user but the one that goes on", async () => {
    const { user, session } = await begun();
    const second = sampleSession(user);
    await written(store(), { type: "start_session", session: second, refreshHash: newHash() });
    const change = {
      type: "end_sessions_of_user",
      userId: user.id,
      atMs: 2_000_000,
      except: second.id,
    } as const;
    const version = await written(store(), change);
    expect(await store().session(session.id)).toBeUndefined();
    expect(await store().session(second.id)).toBeDefined();
    expect((await store().changesSince(version - 1)).changed).toEqual([
      { kind: "session", id: session.id },
      { kind: "user", id: user.id },
    ]);
  });

  it("forgets a user's sessions that are over when the next one starts", async () => {
    const { user, session, refresh, token } = await begun();
    const later = sampleSession(user, { createdAtMs: session.expiresAtMs + 1, expiresAtMs: 20_000_000 });
    await written(store(), { type: "start_session", session: later, refreshHash: newHash() });
    expect(await store().session(session.id)).toBeUndefined();
    expect(await refresh(token, 1_000_001)).toEqual({ outcome: "unknown" });
    expect(await store().session(later.id)).toBeDefined();
  });

  it("puts the next token in the place of the one presented, and raises no version", async () => {
    const { user, tenant, session, token, version, refresh } = await begun();
    const [second, third] = [newHash(), newHash()];
    const refreshed = { outcome: "refreshed", found: { session, user, tenant } };
    expect(await refresh(token, 2_000_000, second)).toMatchObject(refreshed);
    expect(await refresh(second, 3_000_000, third)).toMatchObject(refreshed);
    expect(await refresh(third, 4_000_000)).toMatchObject(refreshed);
    expect((await store().changesSince(version)).version).toBe(version);
  });

  it("takes the token before for a race within the time, and for a theft after it", async () => {
    const { session, token, version, refresh } = await begun();
    const second = newHash();
    await refresh(token, 2_000_000, second);
    expect(await refresh(token, 2_000_000 + raceMs)).toEqual({ outcome: "raced" });
    // Another gateway's clock is behind.
    expect(await refresh(token, 1_999_000)).toEqual({ outcome: "raced" });
    expect(await store().session(session.id)).toBeDefined();
    expect((await store().changesSince(version)).version).toBe(version);

    const atMs = 2_000_001 + raceMs;
    const reused = { outcome: "reused", session: { ...session, endedAtMs: atMs } };
    expect(await refresh(token, atMs)).toEqual(reused);
    expect(await store().session(session.id)).toBeUndefined();
    expect(await store().changesSince(version)).toEqual({
      version: version + 1,
      changed: [{ kind: "session", id: session.id }],
    });
    const over = { outcome: "over", session: { ...session, endedAtMs: atMs } };
    expect(await refresh(second, atMs + 1)).toEqual(over);
    expect(await refresh(token, atMs + 1)).toEqual(over);
    expect((await store().changesSince(version)).version).toBe(version + 1);
  });

  it("ends a session by an old token with its entry, in the trail of its tenant; else there is none", async () => {
    const { tenant, session, token, reuse, refresh, trail } = await begun();
    await refresh(token, 2_000_000);
    await refresh(token, 2_000_000);
    expect(await trail()).toEqual([]);
    expect(await refresh(token, 2_000_001 + raceMs)).toMatchObject({ outcome: "reused" });
    await refresh(token, 2_000_002 + raceMs);
    await refresh(token, session.expiresAtMs);
    expect(await trail()).toMatchObject([{ ...reuse, tenantId: tenant.id, sequence: 1 }]);
    expect(await store().verifyAudit(tenant.id)).toMatchObject({ entries: 1, intact: true });
  });

  it("ends it once, with one entry, for those who present an old token at the same moment", async () => {
    const { tenant, token, refresh, trail } = await begun();
    await refresh(token, 2_000_000);
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(token, 2_000_001 + raceMs)));
    const outcomes = answers.map(({ outcome }) => outcome).sort();
    expect(outcomes).toEqual([...Array.from({ length: 7 }, () => "over"), "reused"]);
    expect(await trail()).toHaveLength(1);
    expect(await store().verifyAudit(tenant.id)).toMatchObject({ entries: 1, intact: true });
  });

  it("ends a session whose token of long ago comes back, even at the moment of a refresh", async () => {
    const { session, token, refresh } = await begun();
    const second = newHash();
    await refresh(token, 2_000_000, second);
    await refresh(second, 2_000_001);
    expect(await refresh(token, 2_000_002)).toMatchObject({ outcome: "reused" });
    expect(await store().session(session.id)).toBeUndefined();
  });

  it("says whose session is over, and knows none that never was", async () => {
    const { session, token, refresh } = await begun();
    expect(await refresh(token, session.expiresAtMs)).toEqual({ outcome: "over", session });
    const unknown = {
      sessionId: newId(),
      presented: [token.hash],
      next: newHash(),
      atMs: 1,
      raceMs,
      reuse: reuseOf(session.id),
    };
    expect(await store().refreshSession(unknown)).toEqual({ outcome: "unknown" });
    const nothing = { ...unknown, sessionId: session.id, presented: [] };
    expect(await store().refreshSession(nothing)).toEqual({ outcome: "unknown" });
    expect(await store().session(session.id)).toBeDefined();
  });

  it("refreshes once for those who present the same token at the same moment", async () => {
    const { session, token, refresh } = await begun();
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(token, 2_000_000)));
    const outcomes = answers.map(({ outcome }) => outcome).sort();
    expect(outcomes).toEqual([...Array.from({ length: 7 }, () => "raced"), "refreshed"]);
    expect(await store().session(session.id)).toBeDefined();
  });
}
