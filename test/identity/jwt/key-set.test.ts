import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startJwksServer } from "../../support/jwks-server.ts";
import { curve, type ExternalIssuer, first, second, third, useExternalIssuer } from "./external-issuer.ts";

const started = useExternalIssuer();
let at: ExternalIssuer;
beforeEach(() => {
  at = started();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const refused = { code: "unauthenticated" };

describe("the issuer's keys", () => {
  it("are fetched for a new one at once, and an old one is dropped with the list that has it no more", async () => {
    const old = await first.sign(at.claims());
    await at.check(old);
    at.server.show([first, second]);
    at.clock.advance(30_000);
    await expect(at.check(await second.sign(at.claims()))).resolves.toBeDefined();
    expect(at.server.requests()).toBe(2);
    at.server.show([second]);
    await expect(at.check(old)).resolves.toBeDefined();
    at.clock.advance(10 * 60_000);
    await expect(at.check(old)).rejects.toMatchObject(refused);
    expect(at.server.requests()).toBe(3);
  });

  it("that are replaced make nothing of what was checked with them", async () => {
    const old = await first.sign(at.claims());
    await at.check(old);
    at.server.show([second]);
    at.clock.advance(30_000);
    await expect(at.check(old)).resolves.toBeDefined();
    await at.check(await second.sign(at.claims()));
    await expect(at.check(old)).rejects.toMatchObject(refused);
  });

  it("that are replaced while a token is checked with them make nothing of that check either", async () => {
    const [old, next] = [await first.sign(at.claims()), await second.sign(at.claims())];
    await at.check(await first.sign(at.claims({ sub: "another" })));
    at.server.show([second]);
    at.clock.advance(30_000);
    const verify = crypto.subtle.verify.bind(crypto.subtle);
    vi.spyOn(crypto.subtle, "verify").mockImplementationOnce(async (...asked) => {
      await at.check(next);
      return verify(...asked);
    });
    await expect(at.check(old)).resolves.toBeDefined();
    expect(at.server.requests()).toBe(2);
    await expect(at.check(old)).rejects.toMatchObject(refused);
  });

  it("are not fetched more than once in thirty seconds, whatever keys are named", async () => {
    await at.check(await first.sign(at.claims()));
    const unknown = await Promise.all(
      Array.from({ length: 50 }, (_, i) => third.sign(at.claims(), { kid: `made-up-${i}` })),
    );
    const flood = async () => {
      for (const refusal of await Promise.allSettled(unknown.map(at.check))) {
        expect(refusal).toMatchObject({ status: "rejected", reason: refused });
      }
    };
    await flood();
    expect(at.server.requests()).toBe(1);
    at.clock.advance(30_000);
    await flood();
    await flood();
    expect(at.server.requests()).toBe(2);
    await expect(at.check(await first.sign(at.claims()))).resolves.toBeDefined();
  });

  it("that are known go on while the issuer is away; one that is unknown cannot be checked", async () => {
    const known = await first.sign(at.claims());
    await at.check(known);
    at.server.answer((response) => response.writeHead(500).end());
    at.clock.advance(10 * 60_000);
    await expect(at.check(known)).resolves.toBeDefined();
    await expect(at.check(await first.sign(at.claims({ sub: "another" })))).resolves.toBeDefined();
    await expect(at.check(await second.sign(at.claims()))).rejects.toMatchObject({
      code: "unavailable",
      retryAfterMs: 30_000,
    });
    at.server.answer(undefined);
    at.server.show([first, second]);
    at.clock.advance(30_000);
    await expect(at.check(await second.sign(at.claims()))).resolves.toBeDefined();
  });

  it("that were fetched a day ago are believed no longer, and are again when the issuer is back", async () => {
    const known = await first.sign(at.claims({ exp: Math.floor(at.clock.epochMs() / 1_000) + 3 * 86_400 }));
    await at.check(known);
    at.server.answer((response) => response.writeHead(500).end());
    at.clock.advance(86_400_000 - 1);
    await expect(at.check(known)).resolves.toBeDefined();
    const requests = at.server.requests();
    at.clock.advance(1);
    for (let i = 0; i < 3; i += 1) {
      await expect(at.check(known)).rejects.toMatchObject({ code: "unavailable", retryAfterMs: 30_000 });
    }
    expect(at.server.requests()).toBe(requests);
    at.clock.advance(30_000);
    await expect(at.check(known)).rejects.toMatchObject({ code: "unavailable" });
    expect(at.server.requests()).toBe(requests + 1);
    at.server.answer(undefined);
    at.clock.advance(30_000);
    // Waited for: what was known is good for nothing.
    await expect(at.check(known)).resolves.toBeDefined();
  });

  it("are fetched anew where nobody has called for a day", async () => {
    const claims = { exp: Math.floor(at.clock.epochMs() / 1_000) + 3 * 86_400 };
    const known = await first.sign(at.claims(claims));
    await at.check(known);
    at.clock.advance(86_400_000);
    await expect(at.check(known)).resolves.toBeDefined();
    expect(at.server.requests()).toBe(2);
  });

  it("that were never there cannot be checked by", async () => {
    at.server.answer((response) => response.destroy());
    await expect(at.check(await first.sign(at.claims()))).rejects.toMatchObject({ code: "unavailable" });
    await expect(at.check(await first.sign(at.claims()))).rejects.toMatchObject({ code: "unavailable" });
    expect(at.server.requests()).toBe(1);
  });

  it.each([
    ["longer than 256 KiB", (bytes: number) => `{"keys":[],"padding":"${"x".repeat(bytes)}"}`, 262_144],
    ["no JSON", () => "<html>", 0],
    ["no key set", () => '{"keys":7}', 0],
    ["a key set of no keys", () => '{"keys":[null]}', 0],
  ])("are not taken from an answer that is %s", async (_, text, bytes) => {
    at.server.answer((response) => response.end(text(bytes)));
    await expect(at.check(await first.sign(at.claims()))).rejects.toMatchObject({ code: "unavailable" });
  });

  it("are not waited for beyond five seconds, nor read without end", async () => {
    at.server.answer((response) => response.write('{"keys":['));
    const waiting = at.check(await first.sign(at.claims()));
    await expect.poll(() => at.server.requests()).toBe(1);
    at.clock.advance(5_000);
    await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
    expect(at.clock.pendingTimers).toBe(0);
  });

  it("that are old hold up nobody for long: where the issuer has failed, calls go on at once", async () => {
    const known = await first.sign(at.claims());
    await at.check(known);
    at.server.answer((response) => response.writeHead(500).end());
    at.clock.advance(10 * 60_000);
    await at.check(known);
    // It hangs from now on, and is asked again in the background.
    at.server.answer(() => {});
    at.clock.advance(30_000);
    await expect(at.check(known)).resolves.toBeDefined();
    await expect.poll(() => at.server.requests()).toBe(3);
  });

  it("are not followed to another address", async () => {
    const elsewhere = await startJwksServer();
    elsewhere.show([second]);
    at.server.answer((response) => response.writeHead(302, { location: elsewhere.url }).end());
    await expect(at.check(await second.sign(at.claims()))).rejects.toMatchObject({ code: "unavailable" });
    expect(elsewhere.requests()).toBe(0);
    await elsewhere.close();
  });

  it("without names are tried by their kind", async () => {
    const { publicJwk } = first;
    at.server.show([{ publicJwk: { ...publicJwk, kid: undefined } }, curve]);
    await expect(at.check(await first.sign(at.claims(), { kid: undefined }))).resolves.toBeDefined();
  });
});
