// Log-in, sessions and sign-on over the database that keeps them: what they write is taken, and read back as meant.

import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { createDatabase, type Database } from "../../../src/db/database.ts";
import { type MadeUpIssuer, startMadeUpIssuer } from "../../support/made-up-issuer.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createSessionDirectory } from "../../support/session-directory.ts";
import { createTestSessions, password, presented, type TestSessions } from "../../support/test-sessions.ts";

const origin = { address: "192.0.2.7", correlationId: "corr-1" };
const redirectUri = "https://llm.example.com/auth/callback";

let database: Database;
let issuer: MadeUpIssuer;
let made: TestSessions;
/** Each test has a tenant of its own. */
let tenantId = "";
let tests = 0;

beforeAll(async () => {
  database = await createDatabase({
    url: "sqlite::memory:",
    bodyKeepMaxBytes: 0,
    queueMax: 100,
    clock: createManualClock(),
    warn: () => {},
    auditKeys: () => [{ id: "test", key: new Uint8Array(32) }],
  });
});
afterAll(() => database.close());

beforeEach(async () => {
  issuer = await startMadeUpIssuer();
  const clock = createManualClock(Date.now());
  const directory = createSessionDirectory(clock, database.directory);
  made = createTestSessions({ clock, directory });
  tests += 1;
  tenantId = `tenant-${tests}`;
  await directory.putTenant({ id: tenantId });
  await directory.putUser(
    { id: made.newId(), tenantId, email: "ada@example.com", role: "admin" },
    { passwordHash: await made.secrets.hashPassword(password) },
  );
});
afterEach(() => issuer.close());

const logIn = () => made.sessions.logIn({ email: "ada@example.com", password, tenantId }, origin);
const principalOf = (token: string) => made.check.check(token, presented);
const actions = async () =>
  (await database.directory.audit({ tenantId, first: 10, after: undefined })).entries.map(
    ({ action }) => action,
  );

it("a session begins, goes on by its tokens, and ends with a log-out", async () => {
  const first = await logIn();
  const principal = await principalOf(first.accessToken);
  expect(principal).toMatchObject({ tenantId, role: "admin", grants: { tenant: { id: tenantId } } });
  expect(await made.directory.user("ada@example.com", tenantId)).toMatchObject({
    lastLogInAtMs: made.clock.epochMs(),
  });
  const second = await made.sessions.refresh(first.refreshToken, origin);
  await expect(made.sessions.refresh(first.refreshToken, origin)).rejects.toMatchObject({ code: "conflict" });
  await made.sessions.logOut({ ...principal, origin });
  await expect(principalOf(second.accessToken)).rejects.toMatchObject({ code: "unauthenticated" });
  await expect(made.sessions.refresh(second.refreshToken, origin)).rejects.toMatchObject({
    code: "unauthenticated",
  });
  expect(await actions()).toEqual(["session.log_out", "session.log_in"]);
  expect(await database.directory.verifyAudit(tenantId)).toMatchObject({ entries: 2, intact: true });
});

it("a used refresh token ends its session, and only that", async () => {
  const [first, other] = [await logIn(), await logIn()];
  const second = await made.sessions.refresh(first.refreshToken, origin);
  made.clock.advance(10_001);
  await expect(made.sessions.refresh(first.refreshToken, origin)).rejects.toMatchObject({
    code: "unauthenticated",
  });
  await expect(principalOf(second.accessToken)).rejects.toMatchObject({ code: "unauthenticated" });
  // In the database with the end: nothing of it waits to be written.
  expect(made.directory.notes).toEqual([]);
  expect(await actions()).toEqual(["session.refresh", "session.log_in", "session.log_in"]);
  const left = await principalOf(other.accessToken);
  await made.sessions.logOutEverywhere(left);
  await expect(principalOf(other.accessToken)).rejects.toMatchObject({ code: "unauthenticated" });
});

it("other gateways hear of a session's end", async () => {
  const { accessToken } = await logIn();
  const { sessionId = "" } = await principalOf(accessToken);
  const { version } = await database.directory.changesSince(0);
  await made.sessions.logOut(await principalOf(accessToken));
  expect(await database.directory.changesSince(version)).toMatchObject({
    changed: [{ kind: "session", id: sessionId }],
  });
});

it("a sign-on makes a user with its session, finds it again, and follows its groups", async () => {
  const configure = (role: "developer" | "viewer") =>
    made.directory.putSsoConfig({
      tenantId,
      issuer: issuer.url,
      rolesOfGroups: { engineers: role },
      defaultRole: undefined,
    });
  const signOn = async () => {
    const { location, state } = await made.sessions.beginSignOn({ tenantId, redirectUri });
    const asked = new URL(location).searchParams;
    issuer.claims = { nonce: asked.get("nonce") };
    return made.sessions.finishSignOn(
      { url: `${redirectUri}?code=code&state=${asked.get("state") ?? ""}`, state },
      origin,
    );
  };
  await configure("developer");
  const first = await signOn();
  await expect(principalOf(first.accessToken)).resolves.toMatchObject({ role: "developer" });
  await configure("viewer");
  const second = await signOn();
  expect(second.user).toMatchObject({ id: first.user.id, role: "viewer" });
  expect(await made.directory.user("grace@example.com", tenantId)).toMatchObject({
    id: first.user.id,
    role: "viewer",
    hasPassword: false,
    externalId: `${issuer.url}|grace`,
  });
  await expect(principalOf(first.accessToken)).resolves.toMatchObject({ role: "viewer" });
  expect(await actions()).toEqual(["session.sign_on", "user.update", "session.sign_on", "user.create"]);
});
