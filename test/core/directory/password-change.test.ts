import { describe, expect, it } from "vitest";
import {
  administered,
  type Administered,
  fieldsOf,
  lastEntry,
  makeTenant,
  makeUser,
  nowMs,
  ofKey,
  ofUser,
  password,
  platform,
  refusal,
  refusedWithoutChange,
  secrets,
} from "./administered.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { keylessPrincipal } from "../../support/principals.ts";

const next = "another long one";

async function withUser(ports: Parameters<typeof administered>[0] = {}) {
  const all = await administered(ports);
  await makeTenant(all);
  const user = await makeUser(all, { password });
  const by = ofUser(user);
  const change = (given: { readonly current?: string; readonly next?: string } = {}) =>
    all.administration.changePassword(by, { current: password, next, ...given });
  return { all, user, by, change };
}

async function startSession({ directory }: Administered, id: string, userId: string): Promise<void> {
  const session = {
    id,
    userId,
    tenantId: "acme",
    createdAtMs: nowMs,
    expiresAtMs: nowMs * 2,
    endedAtMs: undefined,
  };
  await directory.write({
    changes: [{ type: "start_session", session, refreshHash: { keyId: "k1", hash: id } }],
    audit: [],
  });
}

describe("one's own password", () => {
  it("is changed with the present one, and one's other sessions end", async () => {
    const { all, user, by, change } = await withUser();
    const other = "0197a000-0000-7000-8000-00000000000b";
    await startSession(all, by.sessionId ?? "", user.id);
    await startSession(all, other, user.id);
    const before = all.forgotten();
    await change();
    const found = await all.directory.userById(user.id);
    expect(await secrets.verifyPassword(next, found?.credential.passwordHash ?? "", "red")).toBe(true);
    expect(await all.directory.session(by.sessionId ?? "")).toBeDefined();
    expect(await all.directory.session(other)).toBeUndefined();
    expect(found?.user.tokensEndedAtMs).toBe(nowMs);
    expect(all.forgotten()).toBe(before + 1);
    const entry = await lastEntry(all);
    expect(entry).toMatchObject({
      kind: "change",
      action: "user.change_password",
      actor: { type: "user", id: user.id },
      target: { type: "user", id: user.id },
      after: { passwordChanged: true },
    });
    expect(JSON.stringify(entry)).not.toContain(next);
  });

  it("is not changed with a wrong one, which is noted", async () => {
    const { all, user, change } = await withUser();
    for (const current of ["wrong", "", "x".repeat(1_000_000)]) {
      const error = await refusedWithoutChange(all, () => change({ current }));
      expect(error).toMatchObject({ code: "invalid_request", field: "current" });
      expect(all.noted.at(-1)).toMatchObject({
        tenantId: "acme",
        kind: "refused_credential",
        action: "user.change_password",
        target: { type: "user", id: user.id },
      });
      expect(JSON.stringify(all.noted)).not.toContain("wrong");
    }
  });

  it("cannot be found out by trying", async () => {
    const { all, change } = await withUser();
    const tried = await Promise.allSettled(Array.from({ length: 50 }, () => change({ current: "wrong" })));
    const codes = tried.map((end) => (end.status === "rejected" ? end.reason.code : "done"));
    expect(codes.filter((code) => code === "invalid_request")).toHaveLength(5);
    const error = await refusedWithoutChange(all, () => change());
    expect(error).toMatchObject({ code: "rate_limited", retryAfterMs: 15 * 60_000 });
    all.clock.advance(15 * 60_000);
    await change();
    await change({ current: next, next: password });
  });

  it("refused for too many wrong ones leaves an entry that says so", async () => {
    const { all, user, by, change } = await withUser();
    for (let i = 0; i < 5; i += 1) await refusal(change({ current: "wrong" }));
    const before = all.noted.length;
    expect(await refusal(change())).toMatchObject({ code: "rate_limited" });
    expect(all.noted.slice(before)).toMatchObject([
      {
        tenantId: "acme",
        kind: "decision",
        action: "user.change_password",
        actor: { type: "user", id: by.userId },
        target: { type: "user", id: user.id },
        after: { reason: "too many failed tries" },
      },
    ]);
  });

  it("is kept from nobody by checks that were not made, which take no failure back either", async () => {
    let isBusy = false;
    const { all, change } = await withUser({
      secrets: {
        ...secrets,
        async verifyPassword(...asked) {
          if (isBusy) throw new GatewayError({ code: "overloaded", message: "Too many at once." });
          return secrets.verifyPassword(...asked);
        },
      },
    });
    const failTimes = async (times: number, code: string) => {
      for (let i = 0; i < times; i += 1)
        expect(await refusal(change({ current: "no" }))).toMatchObject({ code });
    };
    isBusy = true;
    await failTimes(6, "overloaded");
    isBusy = false;
    await failTimes(4, "invalid_request");
    isBusy = true;
    await failTimes(6, "overloaded");
    isBusy = false;
    await failTimes(1, "invalid_request");
    await failTimes(1, "rate_limited");
    all.clock.advance(15 * 60_000);
    await change();
  });

  it.each([
    ["short", /12 to 256/],
    [password, /another/],
    ["password1234", /tried first/],
  ])("is not %j from now on", async (bad, told) => {
    const { all, change } = await withUser();
    const error = await refusedWithoutChange(all, () => change({ next: bad }));
    expect(fieldsOf(error)).toEqual(["next"]);
    expect(error.message).toMatch(told);
  });

  it("is nobody's who has none, or is no user who has logged in", async () => {
    const { all, user } = await withUser();
    const without = ofUser(await makeUser(all));
    const change = { current: password, next };
    const changed = (by = without) => all.administration.changePassword(by, change);
    expect(await refusedWithoutChange(all, () => changed())).toMatchObject({ field: "current" });
    for (const by of [keylessPrincipal, platform, { ...ofKey([]), userId: user.id }]) {
      expect(await refusedWithoutChange(all, () => changed(by))).toMatchObject({ code: "permission_denied" });
    }
    await all.administration.deleteUser(platform, user.id, { version: user.version });
    expect(await refusal(changed(ofUser(user)))).toMatchObject({ code: "not_found" });
  });
});
