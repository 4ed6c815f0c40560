import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatApiKey } from "../../../src/identity/api-key-format.ts";
import { AddressLimit, type EndLookUp } from "../../../src/identity/keys/address-limit.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { type Fixture, startedFixture } from "../directory-fixture.ts";

const unknownKey = () => formatApiKey("live", randomBytes(32));

const codesOf = async (tries: readonly Promise<unknown>[]): Promise<readonly unknown[]> =>
  (await Promise.allSettled(tries)).map((outcome) =>
    outcome.status === "rejected" ? outcome.reason.code : "let in",
  );

const guess = ({ authenticate }: Fixture, remoteAddress: string, key = unknownKey()) =>
  authenticate(key, { remoteAddress });

describe("an address", () => {
  it("may be wrong thirty times, and then once in two seconds, without a query for what is beyond", async () => {
    const fixture = await startedFixture();
    await fixture.makeKey();
    const one = "203.0.113.7";
    const codes = await codesOf(Array.from({ length: 100 }, () => guess(fixture, one)));
    expect(codes.filter((code) => code === "unauthenticated")).toHaveLength(30);
    expect(codes.filter((code) => code === "rate_limited")).toHaveLength(70);
    expect(fixture.asked).toMatchObject({ keyByHash: 30 });
    await expect(guess(fixture, one)).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: 2_000 });
    fixture.clock.advance(1_999);
    await expect(guess(fixture, one)).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: 1 });
    fixture.clock.advance(1);
    expect(await codesOf([guess(fixture, one), guess(fixture, one)])).toEqual([
      "unauthenticated",
      "rate_limited",
    ]);
    expect(await codesOf([guess(fixture, "203.0.113.8")])).toEqual(["unauthenticated"]);
    expect(fixture.noted.at(-2)).toMatchObject({ action: "credential.rate_limited", tenantId: "platform" });
  });

  it("counts mistyped ones too", async () => {
    const fixture = await startedFixture();
    const codes: unknown[] = [];
    for (let i = 0; i < 31; i += 1) codes.push(...(await codesOf([guess(fixture, "::1", `slc_live_${i}`)])));
    expect(codes.at(29)).toBe("unauthenticated");
    expect(codes.at(30)).toBe("rate_limited");
  });

  it("is not counted for the same wrong key again, which is remembered for a minute", async () => {
    const fixture = await startedFixture();
    for (const wrong of [unknownKey(), "slc_live_mistyped"]) {
      const codes = await codesOf(Array.from({ length: 50 }, () => guess(fixture, "::1", wrong)));
      expect(new Set(codes)).toEqual(new Set(["unauthenticated"]));
    }
    expect(fixture.asked).toMatchObject({ keyByHash: 1 });
    const wrong = unknownKey();
    await codesOf([guess(fixture, "::1", wrong)]);
    fixture.clock.advance(59_999);
    await codesOf([guess(fixture, "::1", wrong)]);
    expect(fixture.asked).toMatchObject({ keyByHash: 2 });
    fixture.clock.advance(1);
    await codesOf([guess(fixture, "::1", wrong)]);
    expect(fixture.asked).toMatchObject({ keyByHash: 3 });
  });

  it("has all its good keys let in, however many are new at the same moment", async () => {
    const fixture = await startedFixture();
    const secrets: string[] = [];
    for (let i = 0; i < 300; i += 1) secrets.push((await fixture.makeKey()).secret);
    const codes = await codesOf(secrets.map((secret) => guess(fixture, "::1", secret)));
    expect(new Set(codes)).toEqual(new Set(["let in"]));
  });

  it("goes on with keys that are held when it was wrong too often", async () => {
    const fixture = await startedFixture();
    const { secret } = await fixture.makeKey();
    await guess(fixture, "::1", secret);
    await codesOf(Array.from({ length: 40 }, () => guess(fixture, "::1")));
    expect(await codesOf([guess(fixture, "::1", secret)])).toEqual(["let in"]);
  });

  it("is not blamed for a database that does not answer", async () => {
    const fixture = await startedFixture();
    fixture.fail(new Error("away"));
    const codes = await codesOf(Array.from({ length: 100 }, () => guess(fixture, "::1")));
    expect(new Set(codes)).toEqual(new Set(["unavailable"]));
    fixture.fail();
    expect(await codesOf([guess(fixture, "::1")])).toEqual(["unauthenticated"]);
  });
});

describe("look-ups of an address", () => {
  const steps = fc.array(fc.oneof(fc.constantFrom("come", "wrong", "right"), fc.nat(3_000)), {
    maxLength: 80,
  });

  it("are never more wrong than allowed, whenever and however they end, and none is left waiting", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const clock = createManualClock();
        const limit = new AddressLimit({ clock, perMinute: 3, waitingMax: 5 });
        const open: EndLookUp[] = [];
        const counts = { come: 0, entered: 0, refused: 0, wrong: 0 };
        const come = async () => {
          counts.come += 1;
          try {
            open.push(await limit.enter("::1"));
            counts.entered += 1;
          } catch {
            counts.refused += 1;
          }
        };
        const end = (isNobodys: boolean) => {
          const done = open.shift();
          done?.({ isNobodys });
          if (done !== undefined && isNobodys) counts.wrong += 1;
        };
        for (const step of taken) {
          if (typeof step === "number") clock.advance(step);
          else if (step === "come") void come();
          else end(step === "wrong");
          await new Promise(setImmediate);
          expect(open.length).toBeLessThanOrEqual(3);
          expect(counts.wrong).toBeLessThanOrEqual(3 + clock.monotonicMs() / 20_000);
        }
        while (open.length > 0) {
          end(false);
          await new Promise(setImmediate);
        }
        expect(counts.entered + counts.refused).toBe(counts.come);
      }),
      { numRuns: 100 },
    );
  });

  it("that wait are bounded over all addresses", async () => {
    const limit = new AddressLimit({ clock: createManualClock(), perMinute: 1, waitingMax: 2 });
    const first = await limit.enter("203.0.113.1");
    const waiting = [limit.enter("203.0.113.1"), limit.enter("203.0.113.1")];
    await expect(limit.enter("203.0.113.1")).rejects.toMatchObject({ code: "overloaded" });
    // Who need not wait is not concerned.
    await limit.enter("203.0.113.2");
    first({ isNobodys: true });
    for (const each of waiting) await expect(each).rejects.toMatchObject({ code: "rate_limited" });
  });
});
