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
} from "./administered.ts";

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
    const [found] = await all.directory.importedKeys(["sk-old-7"], 4);
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
    expect(fieldsOf(await refusedWithoutChange(all, more))).toEqual(["keys[1].prefix"]);
    await all.administration.importApiKeys(admin, { keys: alike(3, 4) });
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
