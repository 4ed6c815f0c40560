import { beforeEach, describe, expect, it } from "vitest";
import type { StartedSession } from "../../../src/core/directory/sessions.ts";
import { createRefreshTokens } from "../../../src/identity/sessions/refresh-token.ts";
import {
  addAda,
  adaId,
  createTestSessions,
  password,
  presented,
  secretOf,
  type TestSessions,
} from "../../support/test-sessions.ts";

let made: TestSessions;
let first: StartedSession;
const origin = { address: "192.0.2.7", correlationId: undefined };
const days = 86_400_000;

const logIn = (sessions = made.sessions) =>
  sessions.logIn({ email: "ada@example.com", password }, { address: "192.0.2.1" });
const refresh = (token: string, sessions = made.sessions) => sessions.refresh(token, origin);
const principalOf = ({ accessToken }: StartedSession) => made.check.check(accessToken, presented);
/** A refresh of the first session, in its tenant's trail. */
const refusedInTrail = () => ({
  tenantId: "acme",
  kind: "refused_credential",
  action: "session.refresh",
  actor: { type: "unknown", id: undefined },
  target: { type: "session", id: made.directory.started[0]?.id },
  origin,
});
const ends = (started: StartedSession) =>
  expect(principalOf(started)).rejects.toMatchObject({ code: "unauthenticated" });

beforeEach(async () => {
  made = createTestSessions();
  await addAda(made);
  first = await logIn();
});

describe("a refresh", () => {
  it("gives the next tokens of the same session, which ends when it would have", async () => {
    made.clock.advance(days);
    const second = await refresh(first.refreshToken);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(second).toMatchObject({ user: { id: adaId }, refreshExpiresAtMs: first.refreshExpiresAtMs });
    const third = await refresh(second.refreshToken);
    await expect(principalOf(third)).resolves.toMatchObject({
      sessionId: made.directory.started[0]?.id,
    });
    expect(made.directory.started).toHaveLength(1);
  });

  it("has the role that the user has by now", async () => {
    await made.directory.putUser({ id: adaId, email: "ada@example.com", role: "viewer" });
    made.check.forget([{ kind: "user", id: adaId }]);
    expect(await principalOf(await refresh(first.refreshToken))).toMatchObject({ role: "viewer" });
  });

  it("is over after thirty days, and its last access token is not longer than the session", async () => {
    made.clock.advance(30 * days - 60_000);
    const last = await refresh(first.refreshToken);
    expect(last.accessExpiresAtMs).toBe(first.refreshExpiresAtMs);
    made.clock.advance(60_000);
    await expect(refresh(last.refreshToken)).rejects.toMatchObject({ code: "unauthenticated" });
    await ends(last);
  });

  it("works with a token that was made before the server's secret was changed, and with the next one", async () => {
    const changed = createTestSessions({ ...made, secret: secretOf("another", "a secret of the tests") });
    const second = await refresh(first.refreshToken, changed.sessions);
    await expect(refresh(second.refreshToken, changed.sessions)).resolves.toBeDefined();
    const forgotten = createTestSessions({ ...made, secret: secretOf("a third") });
    const other = await logIn();
    await expect(refresh(other.refreshToken, forgotten.sessions)).rejects.toMatchObject({
      code: "unauthenticated",
    });
  });

  it.each([
    ["user", () => made.directory.putUser({ id: adaId, email: "ada@example.com", active: false })],
    ["tenant", () => made.directory.putTenant({ id: "acme", active: false })],
  ])("is refused for a %s who is not active any more, with an entry", async (_, change) => {
    await change();
    await expect(refresh(first.refreshToken)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(made.directory.notes).toMatchObject([{ ...refusedInTrail(), after: { reason: "not active" } }]);
  });

  it.each([
    ["was logged out", async () => made.sessions.logOut(await principalOf(first))],
    ["is over by its time", async () => made.clock.advance(30 * days)],
  ])("of a session that %s is refused with an entry", async (_, end) => {
    await end();
    await expect(refresh(first.refreshToken)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(made.directory.notes).toMatchObject([{ ...refusedInTrail(), after: { reason: "ended" } }]);
  });

  it("of a session whose time is over in that moment is refused with an entry", async () => {
    const { store } = made.directory;
    const { sessions } = createTestSessions({
      ...made,
      store: {
        ...store,
        async refreshSession(asked) {
          const answer = await store.refreshSession(asked);
          made.clock.advance(1);
          return answer;
        },
      },
    });
    made.clock.advance(30 * days - 1);
    await expect(refresh(first.refreshToken, sessions)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(made.directory.notes).toMatchObject([{ ...refusedInTrail(), after: { reason: "ended" } }]);
  });

  it("without a database is neither made nor refused", async () => {
    made.directory.setAway(true);
    await expect(refresh(first.refreshToken)).rejects.toMatchObject({ code: "unavailable" });
    made.directory.setAway(false);
    await expect(refresh(first.refreshToken)).resolves.toBeDefined();
  });
});

describe("a refresh token that comes back", () => {
  it("ends the session for all, at once, and is in the trail", async () => {
    const second = await refresh(first.refreshToken);
    await principalOf(second);
    made.clock.advance(10_001);
    await expect(refresh(first.refreshToken)).rejects.toMatchObject({
      code: "unauthenticated",
      message: expect.stringContaining("used before"),
    });
    await ends(second);
    await expect(refresh(second.refreshToken)).rejects.toMatchObject({ code: "unauthenticated" });
    // Written with the session's end; the token that was refused afterwards is noted.
    expect(made.directory.audit.at(-1)).toMatchObject({
      ...refusedInTrail(),
      atMs: made.clock.epochMs(),
      count: 1,
      after: { reason: expect.stringContaining("came back") },
    });
    expect(made.directory.notes).toMatchObject([{ ...refusedInTrail(), after: { reason: "ended" } }]);
  });

  it("is a race within ten seconds, which ends nothing", async () => {
    const second = await refresh(first.refreshToken);
    made.clock.advance(10_000);
    await expect(refresh(first.refreshToken)).rejects.toMatchObject({ code: "conflict" });
    await expect(refresh(second.refreshToken)).resolves.toBeDefined();
    expect(made.directory.notes).toEqual([]);
  });

  it("of several at the same moment lets one through", async () => {
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => refresh(first.refreshToken)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const tried of tries) {
      if (tried.status === "rejected") expect(tried.reason).toMatchObject({ code: "conflict" });
    }
  });
});

describe("what is no token of ours", () => {
  it("costs no query, and ends nobody's session: not even with its id", async () => {
    const before = made.directory.asked.length;
    const changed = (at: number): string => {
      const { refreshToken } = first;
      return refreshToken.slice(0, at) + (refreshToken[at] === "x" ? "y" : "x") + refreshToken.slice(at + 1);
    };
    for (const token of ["", "slr_", first.accessToken, changed(45), changed(90), `${first.refreshToken}0`]) {
      await expect(refresh(token)).rejects.toMatchObject({ code: "unauthenticated" });
    }
    expect(made.directory.asked).toHaveLength(before);
    await expect(principalOf(first)).resolves.toBeDefined();
  });

  it("is refused with an entry, in nobody's trail, that has nothing of it", async () => {
    const forged = `slr_${made.directory.started[0]?.id}_${"a".repeat(54)}`;
    for (const token of ["slr_wrong", forged, ""]) {
      await expect(refresh(token)).rejects.toMatchObject({ code: "unauthenticated" });
    }
    const entry = { ...refusedInTrail(), tenantId: "platform", target: undefined };
    const told = { ...entry, after: { reason: "no token of this gateway" } };
    expect(made.directory.notes).toMatchObject([told, told, told]);
    expect(JSON.stringify(made.directory.notes)).not.toContain("slr_");
  });

  it("may be tried twenty times a minute from an address", async () => {
    for (let i = 0; i < 20; i += 1) {
      await expect(refresh("slr_wrong")).rejects.toMatchObject({ code: "unauthenticated" });
    }
    await expect(refresh(first.refreshToken)).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterMs: 60_000,
    });
    made.clock.advance(60_000);
    await expect(refresh(first.refreshToken)).resolves.toBeDefined();
  });
});

it("a token tells its session, has 256 random bits, and only its hash is kept", () => {
  const tokens = createRefreshTokens(secretOf("one"));
  const made = Array.from({ length: 200 }, () => tokens.make(adaId));
  expect(new Set(made.map(({ token }) => token)).size).toBe(200);
  for (const { token, hash } of made) {
    expect(token).toMatch(/^slr_[0-9a-f-]{36}_[0-9A-Za-z]{43}[0-9A-Za-z]{11}$/);
    expect(tokens.read(token)).toEqual({ sessionId: adaId, hashes: [hash.hash] });
    expect(JSON.stringify(hash)).not.toContain(token.slice(41));
  }
  // Each digit of the random part has many values: none of it is padding.
  for (let at = 41; at < 83; at += 1) {
    expect(new Set(made.map(({ token }) => token[at])).size).toBeGreaterThan(30);
  }
});

describe("logging out", () => {
  it("ends the session at once, and no other", async () => {
    const other = await logIn();
    const principal = await principalOf(first);
    await principalOf(other);
    await made.sessions.logOut({ ...principal, origin });
    await ends(first);
    await expect(refresh(first.refreshToken)).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(principalOf(other)).resolves.toBeDefined();
    expect(made.directory.audit.at(-1)).toMatchObject({
      tenantId: "acme",
      action: "session.log_out",
      actor: { type: "user", id: adaId },
      target: { type: "session", id: principal.sessionId },
      origin,
    });
  });

  it("everywhere ends them all, and nobody else's", async () => {
    const other = await logIn();
    const bobId = "01900000-0000-7000-8000-00000000000b";
    await made.directory.putUser(
      { id: bobId, email: "bob@example.com" },
      { passwordHash: await made.secrets.hashPassword(password) },
    );
    const bob = await made.sessions.logIn({ email: "bob@example.com", password }, origin);
    await principalOf(other);
    await made.sessions.logOutEverywhere(await principalOf(first));
    await ends(first);
    await ends(other);
    await expect(principalOf(bob)).resolves.toMatchObject({ userId: bobId });
    expect(made.directory.audit.at(-1)).toMatchObject({
      action: "session.log_out_everywhere",
      target: { type: "user", id: adaId },
    });
  });

  it("is nothing for whoever has no session", async () => {
    const before = made.directory.asked.length;
    const key = {
      tenantId: "acme",
      environment: "live",
      keyless: false,
      permissions: new Set<never>(),
    } as const;
    await made.sessions.logOut(key);
    await made.sessions.logOutEverywhere(key);
    expect(made.directory.asked).toHaveLength(before);
  });

  it("is nothing for a user's key: who found it ends no session of its user's", async () => {
    const { role: _, sessionId: __, ...key } = { ...(await principalOf(first)), apiKeyId: "k1" };
    await made.sessions.logOutEverywhere(key);
    await expect(principalOf(first)).resolves.toMatchObject({ userId: adaId });
    await expect(made.sessions.refresh(first.refreshToken, origin)).resolves.toBeDefined();
  });

  it("without a database says so", async () => {
    const principal = await principalOf(first);
    made.directory.setAway(true);
    await expect(made.sessions.logOut(principal)).rejects.toMatchObject({ code: "unavailable" });
    await expect(made.sessions.logOutEverywhere(principal)).rejects.toMatchObject({ code: "unavailable" });
  });
});
