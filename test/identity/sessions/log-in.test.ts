import { beforeEach, describe, expect, it } from "vitest";
import type { GatewayError } from "../../../src/core/errors.ts";
import { addressBlock } from "../../../src/identity/address-block.ts";
import {
  addAda,
  adaId,
  createTestSessions,
  password,
  presented,
  type TestSessions,
} from "../../support/test-sessions.ts";

let made: TestSessions;
const origin = { address: "192.0.2.7", correlationId: "corr-1" };
const ada = { email: "ada@example.com", password };

const namesakes = "the password of a namesake";

async function putNamesake(): Promise<void> {
  await made.directory.putTenant({ id: "other" });
  const passwordHash = await made.secrets.hashPassword(namesakes);
  const user = { id: "01900000-0000-7000-8000-00000000000b", email: ada.email, tenantId: "other" };
  await made.directory.putUser(user, { passwordHash });
}

const cost = (hash: string | undefined) => hash?.split("$").slice(0, 4);

beforeEach(async () => {
  made = createTestSessions();
  await addAda(made);
});

const logIn = (logIn: Partial<typeof ada & { tenantId: string }> = {}, address = origin.address) =>
  made.sessions.logIn({ ...ada, ...logIn }, { ...origin, address });

const refusal = (
  attempt: Promise<unknown>,
): Promise<Pick<GatewayError, "code" | "message" | "retryAfterMs">> =>
  attempt.then(
    () => expect.unreachable(),
    (error: GatewayError) => error,
  );

it("a log-in waits for those of its own address alone", async () => {
  const asked: string[] = [];
  const { sessions } = createTestSessions({
    ...made,
    secrets: {
      ...made.secrets,
      verifyPassword(text, hash, askedBy) {
        asked.push(askedBy);
        return made.secrets.verifyPassword(text, hash, askedBy);
      },
    },
  });
  await sessions.logIn(ada, origin);
  await sessions.logIn(ada, { address: "2001:db8::1" });
  await refusal(sessions.logIn({ ...ada, email: "nobody@example.com" }, { address: "2001:db8::2" }));
  const block = `address ${addressBlock("2001:db8::")}`;
  expect(asked).toEqual(["address 192.0.2.7", block, block]);
});

describe("a log-in", () => {
  it("gives a token of fifteen minutes and one of thirty days", async () => {
    const started = await logIn();
    expect(started).toMatchObject({
      user: { id: adaId, email: "ada@example.com", lastLogInAtMs: made.clock.epochMs() },
      accessExpiresAtMs: made.clock.epochMs() + 15 * 60_000,
      refreshExpiresAtMs: made.clock.epochMs() + 30 * 86_400_000,
    });
    expect(await made.check.check(started.accessToken, presented)).toMatchObject({
      tenantId: "acme",
      userId: adaId,
      sessionId: made.directory.started[0]?.id,
      role: "admin",
      environment: "live",
      keyless: false,
      grants: { tenant: { id: "acme", limits: { requestsPerMinute: 7 } }, user: { id: adaId } },
    });
  });

  it("is in the trail, with its session and its address", async () => {
    await logIn();
    expect(made.directory.audit).toMatchObject([
      {
        tenantId: "acme",
        kind: "log_in",
        action: "session.log_in",
        actor: { type: "user", id: adaId },
        target: { type: "session", id: made.directory.started[0]?.id },
        origin,
        count: 1,
      },
    ]);
  });

  it("takes an email in any case, but no letters that only look like it", async () => {
    await expect(logIn({ email: "Ada@Example.COM" })).resolves.toBeDefined();
    // The Kelvin sign is a k in small letters; the Cyrillic а only looks like an a.
    await made.directory.putUser({ id: adaId, email: "k@example.com" });
    for (const email of ["\u212a@example.com", "\u0430da@example.com", "ada@example.com\u0000"]) {
      await expect(logIn({ email })).rejects.toMatchObject({ code: "unauthenticated" });
    }
  });

  it("is kept from nobody by a user of the same email in another tenant", async () => {
    await made.directory.putTenant({ id: "other" });
    const other = { id: "01900000-0000-7000-8000-00000000000b", email: ada.email, tenantId: "other" };
    await made.directory.putUser(other, { passwordHash: await made.secrets.hashPassword("their other one") });
    await expect(logIn()).resolves.toMatchObject({ user: { id: adaId } });
    // Nor does it tell that there is the other.
    await expect(logIn({ password: "their other one" })).resolves.toMatchObject({ user: { id: other.id } });
    await expect(logIn({ tenantId: "other" })).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(logIn({ tenantId: "acme" })).resolves.toMatchObject({ user: { id: adaId } });
  });

  it("asks for the tenant where an email has users in several with the same password", async () => {
    await made.directory.putTenant({ id: "other" });
    const other = { id: "01900000-0000-7000-8000-00000000000b", email: ada.email, tenantId: "other" };
    await made.directory.putUser(other, { passwordHash: await made.secrets.hashPassword(ada.password) });
    await expect(logIn()).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(logIn({ tenantId: "acme" })).resolves.toMatchObject({ user: { id: adaId } });
  });
});

describe("a refused log-in", () => {
  it("answers the same for an unknown email, a wrong password, no password and one who is not active", async () => {
    const answers = [
      await refusal(logIn({ email: "nobody@example.com" })),
      await refusal(logIn({ password: "wrong" })),
    ];
    await made.directory.putUser({ id: adaId, email: ada.email, active: false });
    answers.push(await refusal(logIn()));
    await made.directory.putUser({ id: adaId, email: ada.email, active: true }, { passwordHash: undefined });
    answers.push(await refusal(logIn()));
    expect(new Set(answers.map(({ code, message }) => `${code} ${message}`)).size).toBe(1);
    expect(answers[0]?.code).toBe("unauthenticated");
    expect(made.directory.started).toEqual([]);
  });

  it("takes the same time: a password is checked once in each case, by hashes of one cost", async () => {
    const { verified } = made.secrets;
    await refusal(logIn({ email: "nobody@example.com" }));
    expect(verified).toHaveLength(1);
    await refusal(logIn({ password: "wrong" }));
    expect(verified).toHaveLength(2);
    await refusal(logIn({ email: "n\u00f6body@example.com" }));
    expect(verified).toHaveLength(3);
    expect(verified[0]).toBe(verified[2]);
    expect(verified[0]).not.toBe(verified[1]);
    expect(cost(verified[0])).toEqual(cost(verified[1]));
  });

  it("is in the trail of its tenant where the email is known, else in nobody's, and never with the password", async () => {
    await refusal(logIn({ password: "wr0ng-guess" }));
    await refusal(logIn({ email: "nobody@example.com", password: "wr0ng-guess" }));
    await refusal(logIn({ email: "wr0ng-guess" }));
    expect(made.directory.notes).toMatchObject([
      {
        tenantId: "acme",
        kind: "refused_credential",
        action: "session.log_in",
        target: { type: "user", id: adaId },
        after: { email: ada.email },
        origin,
      },
      { tenantId: "platform", target: undefined, after: { email: "nobody@example.com" } },
      { tenantId: "platform", target: undefined },
    ]);
    expect(JSON.stringify(made.directory.notes)).not.toContain("wr0ng-guess");
  });

  it("is refused for a tenant that is not active", async () => {
    await made.directory.putTenant({ id: "acme", active: false });
    await expect(logIn()).rejects.toMatchObject({ code: "unauthenticated" });
    expect(made.directory.notes).toMatchObject([{ after: { reason: "not active" } }]);
  });

  it.each([
    ["email", { email: "a".repeat(255) }],
    ["password", { password: "a".repeat(1_025) }],
    ["tenant", { tenantId: "a".repeat(64) }],
    ["tenant", { tenantId: "acme\u0000" }],
  ])("names a %s that cannot be one, before anything is checked", async (field, given) => {
    await expect(logIn(given)).rejects.toMatchObject({ code: "invalid_request", field });
    expect(made.secrets.verified).toEqual([]);
  });
});

describe("too many failures", () => {
  it("on an email keep everybody off it for the rest of a minute, the right password too", async () => {
    for (let i = 0; i < 5; i += 1) {
      await refusal(logIn({ password: "wrong" }, `192.0.2.${i}`));
      made.clock.advance(1_000);
    }
    expect(await refusal(logIn({ email: "ADA@example.com" }))).toMatchObject({
      code: "rate_limited",
      retryAfterMs: 55_000,
    });
    expect(made.directory.notes.at(-1)).toMatchObject({ kind: "decision", action: "session.log_in" });
    made.clock.advance(54_999);
    await expect(logIn()).rejects.toMatchObject({ code: "rate_limited" });
    made.clock.advance(1);
    await expect(logIn()).resolves.toBeDefined();
  });

  it("from elsewhere keep nobody off where they have logged in before, and failures there are counted too", async () => {
    await logIn({ email: "ADA@example.com" });
    for (let i = 0; i < 5; i += 1) await refusal(logIn({ password: "wrong" }, `198.51.100.${i}`));
    await expect(logIn({}, "192.0.2.8")).rejects.toMatchObject({ code: "rate_limited" });
    await expect(logIn()).resolves.toBeDefined();
    for (let i = 0; i < 5; i += 1) {
      expect(await refusal(logIn({ password: "wrong" }))).toMatchObject({ code: "unauthenticated" });
    }
    await expect(logIn()).rejects.toMatchObject({ code: "rate_limited" });
  });

  it("are what log-ins without a tenant count as, where an email has several users: by one's own another's password could be tried", async () => {
    await putNamesake();
    for (let i = 0; i < 5; i += 1) {
      await expect(logIn({ password: namesakes }, `198.51.100.${i}`)).resolves.toMatchObject({
        user: { tenantId: "other" },
      });
    }
    await expect(logIn({ password: namesakes }, "198.51.100.9")).rejects.toMatchObject({
      code: "rate_limited",
    });
  });

  it("are not counted apart where only a user of another tenant with the same email has logged in", async () => {
    await putNamesake();
    await logIn({ password: namesakes, tenantId: "other" });
    for (let i = 0; i < 5; i += 1) await refusal(logIn({ password: "wrong" }, `198.51.100.${i}`));
    await expect(logIn({ password: "wrong", tenantId: "acme" })).rejects.toMatchObject({
      code: "rate_limited",
    });
    await expect(logIn({ password: namesakes, tenantId: "other" })).resolves.toBeDefined();
  });

  it("of an address keep it off every email, and nobody else", async () => {
    for (let i = 0; i < 20; i += 1) await refusal(logIn({ email: `user${i}@example.com` }));
    await expect(logIn()).rejects.toMatchObject({ code: "rate_limited" });
    await expect(logIn({}, "192.0.2.8")).resolves.toBeDefined();
  });

  it("count for a whole network of IPv6, and for an IPv4 address in either of its forms", async () => {
    for (let i = 0; i < 20; i += 1) await refusal(logIn({ email: `user${i}@example.com` }, `2001:db8::${i}`));
    await expect(logIn({}, "2001:db8:0:0:ffff::1")).rejects.toMatchObject({ code: "rate_limited" });
    await expect(logIn({}, "2001:db8:0:1::1")).resolves.toBeDefined();
    for (let i = 0; i < 20; i += 1) await refusal(logIn({ email: `user${i}@example.com` }, "198.51.100.1"));
    await expect(logIn({}, "::ffff:198.51.100.1")).rejects.toMatchObject({ code: "rate_limited" });
    await expect(logIn({}, "::ffff:198.51.100.2")).resolves.toBeDefined();
  });

  it("count as they begin: many at the same moment are not more than one by one", async () => {
    const tries = await Promise.all(
      Array.from({ length: 12 }, (_, i) => refusal(logIn({ password: "wrong" }, `192.0.2.${i}`))),
    );
    expect(tries.filter(({ code }) => code === "unauthenticated")).toHaveLength(5);
    expect(tries.filter(({ code }) => code === "rate_limited")).toHaveLength(7);
    expect(made.secrets.verified).toHaveLength(5);
  });

  it("are no matter of those that succeed, or that the database failed on", async () => {
    made.directory.setAway(true);
    for (let i = 0; i < 10; i += 1) {
      await expect(logIn()).rejects.toMatchObject({ code: "unavailable" });
    }
    made.directory.setAway(false);
    for (let i = 0; i < 10; i += 1) await logIn();
    expect(made.directory.started).toHaveLength(10);
  });
});

it("without a database it neither lets in nor says that the password is wrong", async () => {
  made.directory.setAway(true);
  await expect(logIn()).rejects.toMatchObject({ code: "unavailable" });
  expect(made.directory.notes).toEqual([]);
});

it("a log-in by a password that is changed in that moment starts no session, which would outlive the change", async () => {
  const { secrets, directory } = made;
  const { sessions } = createTestSessions({
    ...made,
    secrets: {
      ...secrets,
      async verifyPassword(...asked) {
        const isRight = await secrets.verifyPassword(...asked);
        await directory.putUser({ id: adaId, email: ada.email }, { passwordHash: "another" });
        return isRight;
      },
    },
  });
  await expect(sessions.logIn(ada, origin)).rejects.toMatchObject({ code: "unauthenticated" });
  expect(directory.started).toEqual([]);
});

it("a log-in whose user is deleted meanwhile starts no session", async () => {
  const { store } = made.directory;
  const sessions = createTestSessions({
    ...made,
    store: { ...store, write: async () => ({ outcome: "no_owner" }) },
  }).sessions;
  await expect(sessions.logIn(ada, origin)).rejects.toMatchObject({ code: "unauthenticated" });
});
