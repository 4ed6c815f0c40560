// Keys of another gateway, of which only a bcrypt hash came along.

import { hash as bcrypt } from "@node-rs/bcrypt";
import { describe, expect, it } from "vitest";
import { createImportedKeys } from "../../../src/identity/keys/imported-keys.ts";
import type { DirectoryStore, FoundKey } from "../../../src/core/directory/directory-store.ts";
import { administered } from "../../core/directory/administered.ts";
import { principalOfRole } from "../../support/principals.ts";
import { type Fixture, startedFixture } from "../directory-fixture.ts";

const cost = 4;

async function importKey(
  fixture: Fixture,
  secret: string,
  { prefixChars = 8, bcryptHash = "", tenantId = "red" } = {},
) {
  const hashed = bcryptHash === "" ? await bcrypt(secret, cost) : bcryptHash;
  const credential = { hash: undefined, previousHash: undefined, bcryptHash: hashed };
  return fixture.makeKey({ tenantId, prefix: secret.slice(0, prefixChars) }, credential);
}

const alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** The hash with another bit of the character at the place. */
function withBit(hash: string, at: number, bit: number): string {
  const other = alphabet[alphabet.indexOf(hash[at] ?? "") ^ bit] ?? "";
  return hash.slice(0, at) + other + hash.slice(at + 1);
}

describe("an imported key", () => {
  const secret = "sk-old-0123456789abcdef";

  it.each([6, 8, 20, 23])("is found by the first %i characters", async (prefixChars) => {
    const fixture = await startedFixture();
    const { id } = await importKey(fixture, secret, { prefixChars });
    expect(await fixture.authenticate(secret)).toMatchObject({ apiKeyId: id });
  });

  it("is compared once in its life, and then found by its new hash", async () => {
    const fixture = await startedFixture();
    const { id } = await importKey(fixture, secret);
    await fixture.authenticate(secret);
    expect((await fixture.database.keyById(id))?.credential).toEqual({
      hash: { keyId: expect.stringMatching(/^[0-9a-f]{16}$/), hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      previousHash: undefined,
      bcryptHash: undefined,
    });
    const sharing = { clock: fixture.clock, database: fixture.database };
    const other = await startedFixture({ sharing });
    expect(await other.authenticate(secret)).toMatchObject({ apiKeyId: id });
    expect(other.asked).toMatchObject({ keyByHash: 1 });
    expect(other.asked.importedKeys).toBeUndefined();
  });

  it("that was asked for in vain before it was imported is found at once after", async () => {
    const fixture = await startedFixture();
    await expect(fixture.authenticate(secret)).rejects.toMatchObject({ reason: "unknown" });
    const { id } = await importKey(fixture, secret);
    await expect(fixture.authenticate(secret)).rejects.toMatchObject({ reason: "unknown" });
    await fixture.watch.look();
    expect(await fixture.authenticate(secret)).toMatchObject({ apiKeyId: id });
  });

  it("is told from others with the same beginning", async () => {
    const fixture = await startedFixture();
    const ids: string[] = [];
    for (const end of ["a", "b", "c"]) ids.push((await importKey(fixture, secret + end)).id);
    expect(await fixture.authenticate(`${secret}c`)).toMatchObject({ apiKeyId: ids[2] });
    await expect(fixture.authenticate(`${secret}d`)).rejects.toMatchObject({ reason: "unknown" });
  });

  it("is asked for twice and no more while it is unknown, and not at all without any key", async () => {
    const fixture = await startedFixture();
    for (let i = 0; i < 5; i += 1) {
      await expect(fixture.authenticate(secret)).rejects.toMatchObject({ reason: "unknown" });
    }
    expect(fixture.asked).toMatchObject({ keyByHash: 1, importedKeys: 1 });
    const empty = await startedFixture({ keyless: true, authRequired: true });
    await expect(empty.authenticate(secret)).rejects.toMatchObject({ reason: "unknown" });
    expect(empty.asked.keyByHash).toBeUndefined();
  });

  it.each(["SG.abcdefghijk.0123456789", "eyes-old-0123456789", "ab.cd.", "ey.old.key.of.five"])(
    "is found whatever dots it has: %s",
    async (dotted) => {
      const fixture = await startedFixture();
      const { id } = await importKey(fixture, dotted, { prefixChars: 6 });
      expect(await fixture.authenticate(dotted)).toMatchObject({ apiKeyId: id });
    },
  );

  it.each(["$2a$", "$2b$", "$2y$"])("is found when its hash was spelled with %s", async (version) => {
    const fixture = await startedFixture();
    const { administration } = await administered({}, fixture.database);
    const bcryptHash = version + (await bcrypt(secret, cost)).slice(version.length);
    const keys = [{ name: "k", prefix: "sk-old", bcryptHash }];
    await administration.importApiKeys(principalOfRole("admin", "red"), { keys });
    await fixture.watch.look();
    expect(await fixture.authenticate(secret)).toMatchObject({ tenantId: "red" });
  });

  it.each([
    ["the salt's", 28, 1],
    ["the salt's", 28, 8],
    ["the hash's", 59, 1],
    ["the hash's", 59, 2],
  ])(
    "is nobody's by another spelling of its hash: %s last character, %i, in a bit without meaning, %i",
    async (...spelled) => {
      const fixture = await startedFixture();
      const [, at, bit] = spelled;
      await importKey(fixture, secret, { bcryptHash: withBit(await bcrypt(secret, cost), at, bit) });
      await expect(fixture.authenticate(secret)).rejects.toMatchObject({ reason: "unknown" });
    },
  );

  it.each([
    ["longer than what bcrypt reads", `sk-old-${"x".repeat(66)}`, 8],
    ["shorter than a prefix", "sk-o", 4],
  ])("that is %s is nobody's", async (_, long, prefixChars) => {
    const fixture = await startedFixture();
    await importKey(fixture, long, { prefixChars });
    await expect(fixture.authenticate(long)).rejects.toMatchObject({ reason: "unknown" });
  });

  it.each([
    ["cost is above 12", `$2b$13$${"a".repeat(53)}`],
    ["hash is of another kind", `$argon2id$v=19$m=19456,t=2,p=1$${"a".repeat(22)}`],
  ])("whose %s is not compared", async (_, bcryptHash) => {
    const fixture = await startedFixture();
    await importKey(fixture, secret, { bcryptHash });
    await expect(fixture.authenticate(secret)).rejects.toMatchObject({ reason: "unknown" });
  });
});

describe("an imported key beside those that another tenant plants", () => {
  const secret = "sk-old-0123456789abcdef";

  it.each([
    ["longer beginnings", (i: number) => 9 + (i % 10)],
    ["the same beginning", () => 6],
  ])("of %s is found", async (_, prefixChars) => {
    const fixture = await startedFixture();
    await fixture.putTenant("evil");
    for (let i = 0; i < 60; i += 1) {
      const bcryptHash = await bcrypt("another", cost);
      await importKey(fixture, secret, { prefixChars: prefixChars(i), bcryptHash, tenantId: "evil" });
    }
    const { id } = await importKey(fixture, secret, { prefixChars: 6 });
    expect(await fixture.authenticate(secret)).toMatchObject({ apiKeyId: id, tenantId: "red" });
  });

  it("is found at once, whoever else is guessed at", async () => {
    const fixture = await startedFixture();
    await fixture.putTenant("evil");
    const bcryptHash = await bcrypt("another", 9);
    await importKey(fixture, "sk-old-", { prefixChars: 7, bcryptHash, tenantId: "evil" });
    const { id } = await importKey(fixture, secret);
    let refused = 0;
    const guesses = Array.from({ length: 40 }, async (_, i) => {
      await expect(
        fixture.authenticate(`sk-old-${i}`, { remoteAddress: `203.0.113.${i}` }),
      ).rejects.toThrow();
      refused += 1;
    });
    expect(await fixture.authenticate(secret)).toMatchObject({ apiKeyId: id });
    expect(refused).toBeLessThan(10);
    await Promise.all(guesses);
  });
});

/** What a store says that has so many of a tenant. */
async function countedCandidates(tenantIds: readonly string[]) {
  const fixture = await startedFixture();
  const { id } = await fixture.makeKey();
  const found = await fixture.database.keyById(id);
  if (found === undefined) return expect.unreachable();
  const bcryptHash = await bcrypt("another", cost);
  let compared = 0;
  const candidates = tenantIds.map((tenantId): FoundKey => ({
    ...found,
    apiKey: { ...found.apiKey, tenantId },
    credential: {
      hash: undefined,
      previousHash: undefined,
      get bcryptHash() {
        compared += 1;
        return bcryptHash;
      },
    },
  }));
  const asked: Parameters<DirectoryStore["importedKeys"]>[] = [];
  const find = createImportedKeys({
    importedKeys: async (...given) => {
      asked.push(given);
      return candidates;
    },
  });
  const outcome = await find("sk-old-0123456789abcdefghijklmnopqrstuvwxyz");
  return { outcome, asked, compared };
}

describe("the work of looking for one", () => {
  it("is one query by 27 prefixes for a few keys of each tenant, and a comparison for each", async () => {
    const { outcome, asked, compared } = await countedCandidates(["red", "blue", "red", "green"]);
    expect(outcome).toBeUndefined();
    expect(asked).toHaveLength(1);
    const [prefixes = [], limits] = asked[0] ?? [];
    expect(prefixes).toHaveLength(27);
    expect(prefixes[0]).toBe("sk-old");
    expect(prefixes.at(-1)).toHaveLength(32);
    expect(limits).toEqual({ ofTenant: 4, limit: 400 });
    expect(compared).toBe(4);
  });

  it("is refused when a hundred others wait for a comparison, and forgets nobody", async () => {
    const fixture = await startedFixture();
    await importKey(fixture, "sk-old-0");
    // Each from an address of its own: none of them has done it too often.
    const tries = Array.from({ length: 150 }, (_, i) =>
      fixture.authenticate(`sk-old-0${i}`, { remoteAddress: `203.0.113.${i}` }),
    );
    const outcomes = await Promise.allSettled(tries);
    const codes = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "let in"));
    expect(codes.filter((code) => code === "overloaded").length).toBeGreaterThan(0);
    expect(codes.filter((code) => code === "unauthenticated").length).toBeGreaterThanOrEqual(102);
    expect(new Set(codes)).toEqual(new Set(["overloaded", "unauthenticated"]));
    expect(await fixture.authenticate("sk-old-0")).toMatchObject({ keyless: false });
  });

  it("is limited for an address before it begins", async () => {
    const fixture = await startedFixture();
    await importKey(fixture, "sk-old-0");
    const tries = Array.from({ length: 60 }, (_, i) => fixture.authenticate(`sk-old-0${i}`));
    const codes = (await Promise.allSettled(tries)).map(
      (each) => each.status === "rejected" && each.reason.code,
    );
    expect(codes.filter((code) => code === "unauthenticated")).toHaveLength(30);
    expect(codes.filter((code) => code === "rate_limited")).toHaveLength(30);
    expect(fixture.asked).toMatchObject({ importedKeys: 30 });
  });
});
