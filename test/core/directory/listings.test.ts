import { describe, expect, it } from "vitest";
import { principalOfRole } from "../../support/principals.ts";
import { administered, fieldsOf, makeTenant, platform, refusal } from "./administered.ts";

const owner = principalOfRole("owner", "acme");

describe("tenants", () => {
  it("are all for who acts for all, and one's own for others", async () => {
    const all = await administered();
    const { administration } = all;
    await makeTenant(all, "acme");
    await makeTenant(all, "beta");
    const idsOf = async (...asked: Parameters<typeof administration.tenants>) =>
      (await administration.tenants(...asked)).entries.map(({ id }) => id);
    expect(await idsOf(platform, { first: 200 })).toEqual(["acme", "beta", "default"]);
    expect(await idsOf(platform, { first: 1, after: "acme" })).toEqual(["beta"]);
    expect(await idsOf(platform, { first: 5, search: " BET" })).toEqual(["beta"]);
    expect(await idsOf(owner, { first: 200 })).toEqual(["acme"]);
    expect(await idsOf(owner, { first: 1, search: "AC" })).toEqual(["acme"]);
    expect(await idsOf(owner, { first: 1, search: "beta" })).toEqual([]);
    expect(await idsOf(owner, { first: 1, after: "acme" })).toEqual([]);
    expect(await idsOf(owner, { first: 1, active: false })).toEqual([]);
    const seen = await administration.tenantsById(owner, ["beta", "acme", "none", "acme", "A'--", "\0"]);
    expect(seen.map((tenant) => tenant?.id)).toEqual([
      undefined,
      "acme",
      undefined,
      "acme",
      undefined,
      undefined,
    ]);
  });

  it.each([0, 201, -1, 1.5, Number.NaN])("come in pages, not %s at a time", async (first) => {
    const { administration } = await administered();
    expect(await refusal(administration.tenants(platform, { first }))).toMatchObject({ field: "first" });
    expect(await refusal(administration.users(platform, { first }))).toMatchObject({ field: "first" });
    expect(await refusal(administration.apiKeys(platform, { first }))).toMatchObject({ field: "first" });
    expect(await refusal(administration.auditLog(platform, { first }))).toMatchObject({ field: "first" });
  });

  it("are found by no text that is none", async () => {
    const { administration } = await administered();
    const asked = { first: 1, after: "\0", search: "a\nb" };
    expect(fieldsOf(await refusal(administration.tenants(platform, asked)))).toEqual(["after", "search"]);
    expect(fieldsOf(await refusal(administration.users(platform, asked)))).toEqual(["after", "search"]);
  });

  it("are asked for by many ids at a time", async () => {
    const all = await administered();
    await makeTenant(all);
    const ids = [...Array.from({ length: 450 }, (_, i) => `t-${i}`), "acme"];
    const found = await all.administration.tenantsById(platform, ids);
    expect(found).toHaveLength(451);
    expect(found.at(-1)?.id).toBe("acme");
  });
});
