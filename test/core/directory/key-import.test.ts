import { describe, expect, it } from "vitest";
import type { ImportedKeyInput } from "../../../src/core/directory/administration.ts";
import { keylessPrincipal, principalOfRole } from "../../support/principals.ts";
import {
  administered,
  type Administered,
  fieldsOf,
  makeTenant,
  nowMs,
  refusedWithoutChange,
  withAnswers,
} from "./administered.ts";
import { directories, openDirectory } from "./open-directory.ts";

const admin = principalOfRole("admin", "acme");
const tail = "abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ";

const foreign = (i: number, more: Partial<ImportedKeyInput> = {}): ImportedKeyInput => ({
  name: `key ${i}`,
  prefix: `sk-old-${i}`,
  bcryptHash: `$2b$10$${tail}${String(i).padStart(5, "0")}`,
  ...more,
});

const alike = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => foreign(from + i, { prefix: "sk-old" }));

const beginning = (prefixes: readonly string[], from: number) =>
  prefixes.map((prefix, i) => foreign(from + i, { prefix }));

async function inAcme(): Promise<Administered> {
  const all = await administered();
  await makeTenant(all);
  return all;
}

describe("an import of keys", () => {
  it("keeps their beginnings and hashes, with an entry for each", async () => {
    const all = await inAcme();
    const keys = Array.from({ length: 100 }, (_, i) => foreign(i));
    const made = await all.administration.importApiKeys(admin, { keys });
    expect(made).toHaveLength(100);
    expect(made[7]).toMatchObject({
      name: "key 7",
      prefix: "sk-old-7",
      permissions: ["gateway:use"],
      environment: "live",
    });
    expect(
      await all.administration.apiKeysById(
        admin,
        made.map(({ id }) => id),
      ),
    ).toEqual(made);
    const [found] = await all.directory.importedKeys(["sk-old-7"], { ofTenant: 4, limit: 4 });
    expect(found?.credential).toEqual({
      hash: undefined,
      previousHash: undefined,
      bcryptHash: foreign(7).bcryptHash,
    });
    const { entries } = await all.directory.audit({ tenantId: "acme", first: 200, after: undefined });
    expect(entries.filter(({ action }) => action === "api_key.import")).toHaveLength(100);
    expect(JSON.stringify(entries)).not.toContain("$2b$");
    expect(all.forgotten()).toBe(2);
  });

  it("takes all or none, and tells what is wrong with each", async () => {
    const all = await inAcme();
    const keys = [
      foreign(0),
      foreign(1, { prefix: "short", name: "" }),
      foreign(2, { bcryptHash: "$2b$13$" + tail + "00002" }),
      foreign(3, { expiresAtMs: nowMs - 1, userId: "none" }),
    ];
    const error = await refusedWithoutChange(all, () => all.administration.importApiKeys(admin, { keys }));
    expect(fieldsOf(error)).toEqual([
      "keys[1].prefix",
      "keys[1].name",
      "keys[2].bcryptHash",
      "keys[3].expiresAtMs",
      "keys[3].userId",
    ]);
  });

  it.each([0, 101])("of %d keys is refused", async (count) => {
    const all = await inAcme();
    const keys = Array.from({ length: count }, (_, i) => foreign(i));
    const imported = () => all.administration.importApiKeys(admin, { keys });
    expect(await refusedWithoutChange(all, imported)).toMatchObject({
      code: "invalid_request",
      field: "keys",
    });
  });

  it("of a hash that is there already is a conflict", async () => {
    const all = await inAcme();
    await all.administration.importApiKeys(admin, { keys: [foreign(1)] });
    const again = () => all.administration.importApiKeys(admin, { keys: [foreign(0), foreign(1)] });
    const field = "keys[1].bcryptHash";
    expect(await refusedWithoutChange(all, again)).toMatchObject({ code: "conflict", field });
    const twice = () => all.administration.importApiKeys(admin, { keys: [foreign(2), foreign(2)] });
    expect(await refusedWithoutChange(all, twice)).toMatchObject({ code: "conflict", field });
  });

  it("of more that begin alike than are looked at is refused", async () => {
    const all = await inAcme();
    await all.administration.importApiKeys(admin, { keys: alike(0, 3) });
    const more = () => all.administration.importApiKeys(admin, { keys: [foreign(9), ...alike(3, 5)] });
    expect(fieldsOf(await refusedWithoutChange(all, more))).toEqual(["keys[0].prefix", "keys[1].prefix"]);
    await all.administration.importApiKeys(admin, { keys: alike(3, 4) });
  });

  it("hears nothing of another tenant's keys that begin alike, and is not held up by them", async () => {
    const all = await inAcme();
    await makeTenant(all, "other");
    const other = principalOfRole("admin", "other");
    await all.administration.importApiKeys(other, { keys: alike(0, 4) });
    expect(await all.administration.importApiKeys(admin, { keys: alike(4, 8) })).toHaveLength(4);
  });

  it.each([
    ["those that are here begin so", ["sk-old-ab", "sk-old-a", "sk-old-"], ["sk-old-abc", "sk-old-x"], []],
    ["too many here begin so", ["sk-old", "sk-old-a", "sk-old-", "sk-old-"], ["sk-old-x", "sk-old-ab"], [1]],
    ["too many here begin with it", ["sk-old-a", "sk-old-ab", "sk-old-ab", "sk-old-abc"], ["sk-old"], [0]],
    [
      "there are too many with those that come along",
      ["sk-old"],
      ["sk-old-a", "sk-old-b", "sk-old-a", "sk-old-a", "sk-old-a"],
      [0],
    ],
    ["others begin otherwise", ["sk-old-a", "sk-old-b", "sk-old-c", "sk-old-d"], ["sk-old-e", "sk-old"], []],
  ])("counts what begins alike at any length: %s", async (_, here, coming, refused) => {
    const all = await inAcme();
    await all.administration.importApiKeys(admin, { keys: beginning(here, 0) });
    const imported = () => all.administration.importApiKeys(admin, { keys: beginning(coming, 10) });
    if (refused.length === 0) expect(await imported()).toHaveLength(coming.length);
    else {
      expect(fieldsOf(await refusedWithoutChange(all, imported))).toEqual(
        refused.map((i) => `keys[${i}].prefix`),
      );
    }
  });

  it("of more than may wait for their first use is refused", async () => {
    const { directory } = await inAcme();
    const waiting = (keys: number) =>
      withAnswers(directory, { importedPrefixes: async () => [{ prefix: "sk-new", keys }] });
    const imported = async (there: number) => {
      const all = await administered({}, waiting(there));
      return { all, made: () => all.administration.importApiKeys(admin, { keys: [foreign(0), foreign(1)] }) };
    };
    const full = await imported(9_999);
    expect(await refusedWithoutChange(full.all, full.made)).toMatchObject({ field: "keys" });
    expect(await (await imported(9_998)).made()).toHaveLength(2);
  });

  it("gives no permission that its maker lacks", async () => {
    const all = await inAcme();
    const keys = [foreign(0), foreign(1, { permissions: ["tenants:act_as"] })];
    const imported = () => all.administration.importApiKeys(admin, { keys });
    expect(await refusedWithoutChange(all, imported)).toMatchObject({ code: "permission_denied" });
  });

  it("locks nobody out of a keyless gateway", async () => {
    const all = await administered();
    const imported = (...keys: ImportedKeyInput[]) =>
      all.administration.importApiKeys(keylessPrincipal, { keys });
    expect(await refusedWithoutChange(all, () => imported(foreign(0)))).toMatchObject({
      field: "permissions",
    });
    await imported(foreign(0), foreign(1, { permissions: ["api_keys:create"] }));
  });
});

describe.each(directories)("imports at the same moment, on %s,", (on) => {
  it("are too many together for all but one, which are told to try again, and then why", async () => {
    const all = await administered({}, await openDirectory(on));
    await makeTenant(all);
    const imports = [0, 4, 8, 12].map(
      (from) => () => all.administration.importApiKeys(admin, { keys: alike(from, from + 4) }),
    );
    const ends = await Promise.allSettled(imports.map((imported) => imported()));
    const refused = ends.flatMap((end, i) =>
      end.status === "rejected" ? [{ end, imported: imports[i] }] : [],
    );
    expect(refused).toHaveLength(3);
    for (const { end, imported } of refused) {
      expect(end.reason).toMatchObject({ code: "conflict", field: "keys" });
      if (imported === undefined) return expect.unreachable();
      expect(fieldsOf(await refusedWithoutChange(all, imported))).toEqual(["keys[0].prefix"]);
    }
  });

  it("are all taken where they are not too many", async () => {
    const all = await administered({}, await openDirectory(on));
    await makeTenant(all);
    const imports = [0, 2].map((from) =>
      all.administration.importApiKeys(admin, { keys: alike(from, from + 2) }),
    );
    expect((await Promise.all(imports)).flat()).toHaveLength(4);
  });
});

describe.each(directories)("an import of another tenant's hash, on %s,", (on) => {
  async function inTwo() {
    const all = await administered({}, await openDirectory(on));
    for (const id of ["acme", "other"]) await makeTenant(all, id);
    return all;
  }
  const other = principalOfRole("admin", "other");

  it.each(["$2a$", "$2b$", "$2y$"])("is a conflict, spelled with %s too", async (version) => {
    const all = await inTwo();
    const { bcryptHash } = foreign(1);
    await all.administration.importApiKeys(other, {
      keys: [...alike(4, 7), foreign(1, { prefix: "sk-old" })],
    });
    // Whatever it begins with, and however many begin so.
    for (const prefix of ["sk-old", "sk-old-1", "gw_123"]) {
      const keys = [foreign(2), foreign(3, { prefix, bcryptHash: version + bcryptHash.slice(4) })];
      const taken = () => all.administration.importApiKeys(admin, { keys });
      expect(await refusedWithoutChange(all, taken)).toMatchObject({
        code: "conflict",
        field: "keys[1].bcryptHash",
      });
    }
  });

  it("at the same moment as that one's is a conflict for one of them", async () => {
    const all = await inTwo();
    const ends = await Promise.allSettled(
      [admin, other].map((by) => all.administration.importApiKeys(by, { keys: [foreign(1)] })),
    );
    expect(ends.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(ends.find((end) => end.status === "rejected")).toMatchObject({ reason: { code: "conflict" } });
  });
});

describe("a key that was imported", () => {
  it("and not used goes on beside no other one", async () => {
    const all = await inAcme();
    const [key] = await all.administration.importApiKeys(admin, { keys: [foreign(1)] });
    const { id, version } = key ?? { id: "", version: 0 };
    const rotated = (overlapSeconds: number) => () =>
      all.administration.rotateApiKey(admin, id, { version, overlapSeconds });
    expect(fieldsOf(await refusedWithoutChange(all, rotated(60)))).toEqual(["overlapSeconds"]);
    const { apiKey } = await rotated(0)();
    expect(apiKey.prefix).toMatch(/^slc_live_/);
    expect((await all.directory.keyById(id))?.credential).toMatchObject({
      previousHash: undefined,
      bcryptHash: undefined,
    });
  });
});
