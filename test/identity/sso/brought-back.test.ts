// What a browser may bring back from a real issuer, and when it cannot be sent there.

import { beforeEach, describe, expect, it } from "vitest";
import { createTestSessions, secretOf } from "../../support/test-sessions.ts";
import { type Back, origin, type RealIssuer, redirectUri, useRealIssuer } from "./real-issuer.ts";

const real = useRealIssuer();
let at: RealIssuer;
beforeEach(() => {
  at = real();
});

const refused = { code: "unauthenticated" };

async function nobody(what: Back): Promise<void> {
  await expect(at.finish(what)).rejects.toMatchObject(refused);
  expect(at.made.directory.started).toEqual([]);
  expect(at.made.directory.notes.at(-1)).toMatchObject({
    kind: "refused_credential",
    action: "session.sign_on",
    origin,
  });
}

describe("what comes back", () => {
  it("is good once", async () => {
    const what = await at.back();
    await at.finish(what);
    await expect(at.finish(what)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining("before"),
    });
    const both = await at.back();
    const twice = await Promise.allSettled([at.finish(both), at.finish(both)]);
    expect(twice.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("is refused with the state of another sign-on", async () => {
    const { url } = await at.back();
    const { state } = await at.begin();
    await nobody({ url, state });
  });

  it("is refused with another state in its address, or with none", async () => {
    for (const change of [
      (url: URL) => url.searchParams.set("state", "x"),
      (url: URL) => url.searchParams.delete("state"),
    ]) {
      const { url, state } = await at.back();
      const changed = new URL(url);
      change(changed);
      await nobody({ url: changed.href, state });
    }
  });

  it("is refused with a state that was changed, or is none", async () => {
    const { url, state } = await at.back();
    const [keyId = "", nonce = "", text = ""] = state.split(".");
    const flipped = text.startsWith("A") ? `B${text.slice(1)}` : `A${text.slice(1)}`;
    for (const wrong of [
      "",
      "..",
      "a.b.c",
      `${keyId}.${nonce}.${flipped}`,
      `${state}.x`,
      "x".repeat(9_000),
    ]) {
      await nobody({ url, state: wrong });
    }
    await expect(at.finish({ url, state })).resolves.toBeDefined();
  });

  it("is refused after ten minutes", async () => {
    const what = await at.back();
    at.made.clock.advance(10 * 60_000);
    await nobody(what);
  });

  it("is refused when the code has expired at the issuer", async () => {
    const what = await at.back();
    await at.issuer.setClock(61_000);
    await nobody(what);
  });

  it("is refused with a code of another sign-on: the proof of PKCE is another one", async () => {
    const { url } = await at.back();
    const other = await at.back();
    const mixed = new URL(other.url);
    mixed.searchParams.set("code", new URL(url).searchParams.get("code") ?? "");
    await nobody({ url: mixed.href, state: other.state });
  });

  it("is refused from another issuer than the one that was asked", async () => {
    const { url, state } = await at.back();
    const mixedUp = new URL(url);
    mixedUp.searchParams.set("iss", "https://evil.example");
    await nobody({ url: mixedUp.href, state });
    const again = await at.back();
    const nameless = new URL(again.url);
    // The issuer says that it always names itself.
    nameless.searchParams.delete("iss");
    await nobody({ url: nameless.href, state: again.state });
  });

  it("is refused when the tenant's issuer was changed meanwhile", async () => {
    const what = await at.back();
    await at.configure({ issuer: "https://another.example" });
    await nobody(what);
  });

  it("is refused when the person has said no", async () => {
    const { location, state } = await at.begin();
    const asked = new URL(location).searchParams.get("state") ?? "";
    const iss = encodeURIComponent(at.issuer.url);
    await nobody({ url: `${redirectUri}?error=access_denied&state=${asked}&iss=${iss}`, state });
  });

  it("does not say more than is known of an error that anybody may have written", async () => {
    const { location, state } = await at.begin();
    const asked = new URL(location).searchParams.get("state") ?? "";
    const iss = encodeURIComponent(at.issuer.url);
    const url = `${redirectUri}?error=${encodeURIComponent("<script>")}&state=${asked}&iss=${iss}`;
    await expect(at.finish({ url, state })).rejects.not.toMatchObject({
      message: expect.stringContaining("script"),
    });
  });

  it("may be wrong twenty times a minute from an address", async () => {
    for (let i = 0; i < 20; i += 1) await nobody({ url: redirectUri, state: "wrong" });
    await expect(at.finish(await at.back())).rejects.toMatchObject({ code: "rate_limited" });
    at.made.clock.advance(60_000);
    await expect(at.finish(await at.back())).resolves.toBeDefined();
  });
});

describe("a sign-on cannot begin", () => {
  it.each([
    ["for what is no tenant's name", () => at.made.directory.putTenant({ id: "acme" }), "acme\u0000"],
    ["where there is none", () => at.made.directory.putTenant({ id: "acme" }), "other"],
    ["where it is not active", () => at.configure({ active: false }), "acme"],
    [
      "for a tenant that is not active",
      () => at.made.directory.putTenant({ id: "acme", active: false }),
      "acme",
    ],
  ])("%s", async (_, change, tenantId) => {
    await change();
    await expect(at.made.sessions.beginSignOn({ tenantId, redirectUri })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("without a database", async () => {
    at.made.directory.setAway(true);
    await expect(at.begin()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("when the gateway's own client is none of the issuer's any more", async () => {
    const back = await at.back();
    await at.made.directory.putSsoConfig(
      { issuer: at.issuer.url },
      { clientSecret: at.made.secrets.sealClientSecret("another secret", "acme") },
    );
    await expect(at.finish(back)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("client id"),
    });
  });

  it("when the client's secret was sealed with a server's secret that nobody has any more", async () => {
    const other = createTestSessions({ secret: secretOf("a secret that was lost") });
    await at.made.directory.putSsoConfig(
      { issuer: at.issuer.url },
      { clientSecret: other.secrets.sealClientSecret("any", "acme") },
    );
    await expect(at.begin()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("client secret"),
    });
  });
});
