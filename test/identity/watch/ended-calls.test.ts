// Streams end whose callers may not call any more; all others go on.

import { describe, expect, it } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { EndedCallers } from "../../../src/identity/watch/ended-callers.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { keylessPrincipal, principalOfRole } from "../../support/principals.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway } from "../../support/test-gateway.ts";
import { type Fixture, type FixtureOptions, startedFixture } from "../directory-fixture.ts";

const request: ChatRequest = { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] };

/** A gateway whose answers stand after their first word until the gate opens. */
async function serving(options: FixtureOptions = {}) {
  const fixture = await startedFixture(options);
  const gate = Promise.withResolvers<void>();
  const { steps } = textScript("Hello you");
  const first = createScriptedProvider({
    steps: [...steps.slice(0, 3), gate.promise, ...steps.slice(3)],
  });
  const { access, clock, openCalls, watch } = fixture;
  const { tenants } = watch;
  const { gateway, ledger } = createTestGateway({ providers: { first }, access, clock, openCalls, tenants });

  /** Opens a stream and gives how it ends: its last event's type, or the error's code. */
  async function stream(principal: Principal, labels: Record<string, string> = {}) {
    const { events } = await gateway.stream({ ...request, labels }, { principal });
    let last = "";
    const ended = (async () => {
      try {
        for await (const { type } of events) last = type;
        return last;
      } catch (error) {
        return error;
      }
    })();
    await expect.poll(() => last).toBe("part_delta");
    return { ended };
  }

  const streamOf = async (secret: string) => stream(await fixture.authenticate(secret));
  return { ...fixture, gateway, ledger, stream, streamOf, goOn: () => gate.resolve() };
}

const endedBy = (what: string) => ({
  code: "unauthenticated",
  message: `${what} while the call went on.`,
});

const session = (clock: Fixture["clock"]) => ({
  id: "session-1",
  userId: "ann",
  tenantId: "red",
  createdAtMs: clock.epochMs(),
  expiresAtMs: clock.epochMs() + 60_000,
  endedAtMs: undefined,
});

describe("a stream ends", () => {
  it("when its key is revoked, at once, and is on record so; that of another key goes on", async () => {
    const { makeKey, changeKey, streamOf, watch, clock, ledger, goOn } = await serving();
    const [a, b] = [await makeKey(), await makeKey()];
    const ends = [await streamOf(a.secret), await streamOf(b.secret)];
    await changeKey(a.id, { revokedAtMs: clock.epochMs() });
    await watch.look();
    expect(await ends[0]?.ended).toMatchObject(endedBy("The key was revoked"));
    goOn();
    expect(await ends[1]?.ended).toBe("finished");
    expect(ledger.settled).toMatchObject([
      { status: "failed", errorCode: "unauthenticated" },
      { status: "ok" },
    ]);
  });

  it("on another node with its next poll", async () => {
    const here = await startedFixture();
    const { id, secret } = await here.makeKey();
    const there = await serving({ sharing: { clock: here.clock, database: here.database } });
    const end = await there.streamOf(secret);
    await here.changeKey(id, { revokedAtMs: here.clock.epochMs() });
    await here.watch.look();
    here.clock.advance(2_000);
    expect(await end.ended).toMatchObject(endedBy("The key was revoked"));
  });

  it.each([
    ["inactive", { active: false }],
    ["expired", { expiresAtMs: 0 }],
  ])("when its key is %s", async (_, change) => {
    const { makeKey, changeKey, streamOf, watch } = await serving();
    const { id, secret } = await makeKey();
    const end = await streamOf(secret);
    await changeKey(id, change);
    await watch.look();
    expect(await end.ended).toMatchObject(endedBy("The key was revoked"));
  });

  it("when its user or its tenant is made inactive, or is gone", async () => {
    const { makeKey, putUser, putTenant, streamOf, stream, watch, write, database } = await serving();
    const ofUser = await makeKey({ userId: "ann" });
    const ofTenant = await makeKey();
    const ends = [await streamOf(ofUser.secret), await streamOf(ofTenant.secret)];
    await putUser("ann", "developer", { active: false });
    await watch.look();
    expect(await ends[0]?.ended).toMatchObject(endedBy("The user was made inactive"));
    await putTenant("red", { active: false });
    await watch.look();
    expect(await ends[1]?.ended).toMatchObject(endedBy("The tenant was made inactive"));
    await putTenant("blue");
    await watch.look();
    const keyless = await stream(keylessPrincipal, { tenant: "blue" });
    const [blue] = await database.tenantsById(["blue"]);
    await write({ type: "delete_tenant", id: "blue", seen: blue?.version ?? 0 });
    await watch.look();
    expect(await keyless.ended).toMatchObject(endedBy("The tenant was made inactive"));
  });

  it("when the own tenant of who acts for another is made inactive", async () => {
    const { makeKey, putTenant, stream, authenticate, watch } = await serving();
    await putTenant("blue");
    await watch.look();
    const { secret } = await makeKey({ permissions: ["gateway:use", "tenants:act_as"] });
    const end = await stream(await authenticate(secret), { tenant: "blue" });
    await putTenant("red", { active: false });
    await watch.look();
    expect(await end.ended).toMatchObject(endedBy("The tenant was made inactive"));
  });

  it("when its session ends, and goes on when another one does", async () => {
    const { write, clock, stream, watch, goOn } = await serving();
    const refreshHash = { keyId: "k", hash: "h" };
    await write({ type: "start_session", session: session(clock), refreshHash });
    await write({ type: "start_session", session: { ...session(clock), id: "session-2" }, refreshHash });
    await watch.look();
    const user = { ...principalOfRole("developer", "red"), userId: "ann" };
    const ends = [
      await stream({ ...user, sessionId: "session-1" }),
      await stream({ ...user, sessionId: "session-2" }),
    ];
    await write({ type: "end_session", id: "session-1", atMs: clock.epochMs() });
    await watch.look();
    expect(await ends[0]?.ended).toMatchObject(endedBy("The session was ended"));
    goOn();
    expect(await ends[1]?.ended).toBe("finished");
  });

  it("when tokens of its user are ended, and goes on where its token was made later", async () => {
    const { write, clock, stream, watch, goOn, putUser } = await serving();
    const atMs = clock.epochMs();
    const user = { ...principalOfRole("developer", "red"), userId: "ann" };
    const ends = [
      await stream({ ...user, tokenIssuedAtMs: atMs }),
      await stream({ ...user, tokenIssuedAtMs: atMs + 1_000 }),
      await stream({ ...user, sessionId: "session-1" }),
    ];
    await write({ type: "end_sessions_of_user", userId: "ann", atMs, except: "session-1" });
    await watch.look();
    expect(await ends[0]?.ended).toMatchObject(endedBy("The token was ended"));
    await putUser("ann", "developer", { name: "Ann" });
    await watch.look();
    goOn();
    expect(await ends[1]?.ended).toBe("finished");
    expect(await ends[2]?.ended).toBe("finished");
  });

  it("also where it is not remembered what has changed, and then those of configured keys go on", async () => {
    const configured = "a-key-of-enough-length";
    const fixture = await serving({ changesMax: 1, apiKeys: [configured] });
    const { makeKey, changeKey, putTenant, streamOf, stream, watch, goOn } = fixture;
    const [a, b] = [await makeKey(), await makeKey({ userId: "ann" })];
    await watch.look();
    const ends = [await streamOf(a.secret), await streamOf(b.secret), await streamOf(configured)];
    ends.push(await stream(keylessPrincipal, { tenant: "nobodys" }));
    await changeKey(a.id, { active: false });
    for (let i = 0; i < 3; i += 1) await putTenant("blue", { name: `Blue ${i}` });
    await watch.look();
    expect(await ends[0]?.ended).toMatchObject(endedBy("The key was revoked"));
    goOn();
    expect(await Promise.all(ends.slice(1).map(({ ended }) => ended))).toEqual([
      "finished",
      "finished",
      "finished",
    ]);
  });
});

describe("a stream goes on", () => {
  it("when its key, its user or its tenant merely changed, or its key was rotated", async () => {
    const { makeKey, changeKey, newApiKey, putUser, putTenant, streamOf, watch, goOn } = await serving();
    const { id, secret, hash } = await makeKey({ userId: "ann" });
    const end = await streamOf(secret);
    const next = newApiKey("live");
    await changeKey(id, { limits: { tokensPerMinute: 1 } });
    await changeKey(id, {}, { hash: next.hash, previousHash: hash, bcryptHash: undefined });
    await putUser("ann", "viewer");
    await putTenant("red", { name: "Red" });
    await watch.look();
    goOn();
    expect(await end.ended).toBe("finished");
  });
});

describe("who was let in a moment before the revocation", () => {
  it("begins nothing with what it sends after it", async () => {
    const { makeKey, changeKey, authenticate, gateway, watch, clock, ledger } = await serving();
    const { id, secret } = await makeKey();
    const principal = await authenticate(secret);
    await changeKey(id, { revokedAtMs: clock.epochMs() });
    await watch.look();
    await expect(gateway.stream(request, { principal })).rejects.toMatchObject(
      endedBy("The key was revoked"),
    );
    expect(ledger.settled).toMatchObject([{ status: "refused", errorCode: "unauthenticated" }]);
    expect(ledger.attempts).toEqual([]);
  });

  it("may call again as soon as the key is active again", async () => {
    const { makeKey, changeKey, streamOf, watch, goOn } = await serving();
    const { id, secret } = await makeKey({ active: false });
    await watch.look();
    await changeKey(id, { active: true });
    await watch.look();
    goOn();
    expect(await (await streamOf(secret)).ended).toBe("finished");
  });
});

describe("what is remembered of those who ended", () => {
  it("is forgotten after a quarter of an hour, and is bounded", () => {
    const clock = createManualClock();
    const ended = new EndedCallers(clock);
    const note = (id: string) => ended.note({ kind: "api_key", id }, true);
    note("a");
    clock.advance(899_999);
    note("b");
    ended.sweep();
    expect(ended.size()).toBe(2);
    clock.advance(1);
    ended.sweep();
    expect(ended.size()).toBe(1);
    for (let i = 0; i < 20_000; i += 1) note(`k${i}`);
    ended.sweep();
    expect(ended.size()).toBe(10_000);
    expect(ended.endOf({ ...keylessPrincipal, apiKeyId: "k19999" })).toBeDefined();
    expect(ended.endOf({ ...keylessPrincipal, apiKeyId: "b" })).toBeUndefined();
  });
});
