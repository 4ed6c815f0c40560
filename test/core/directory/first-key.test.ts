import { describe, expect, it } from "vitest";
import type { Permission } from "../../../src/core/access/permissions.ts";
import { keylessPrincipal, principalOfRole } from "../../support/principals.ts";
import {
  administered,
  type Administered,
  lastEntry,
  makeUser,
  password,
  refusedWithoutChange,
} from "./administered.ts";

const create = (all: Administered, input: { readonly permissions?: readonly Permission[] } & object = {}) =>
  all.administration.createApiKey(keylessPrincipal, { name: "first", ...input });

describe("the first key of a keyless gateway", () => {
  it("is refused where nobody could administer afterwards", async () => {
    const all = await administered();
    await makeUser(all, { tenantId: "default", role: "platform_admin" });
    await makeUser(all, { tenantId: "default", role: "platform_admin", active: false, password });
    await makeUser(all, { tenantId: "default", role: "owner", password });
    const viewer = await makeUser(all, { tenantId: "default", role: "viewer" });
    for (const input of [
      {},
      { permissions: ["gateway:use", "api_keys:view"] },
      { permissions: ["api_keys:create"], active: false },
      { permissions: ["api_keys:create"], userId: viewer.id },
    ] as const) {
      const error = await refusedWithoutChange(all, () => create(all, input));
      expect(error).toMatchObject({ code: "invalid_request", field: "permissions" });
      expect(error.message).toMatch(/npm run setup.*platform_admin.*api_keys:create/);
    }
  });

  it("is made where it administers itself", async () => {
    const all = await administered();
    const { apiKey } = await create(all, { permissions: ["api_keys:create"] });
    expect(apiKey.permissions).toEqual(["api_keys:create"]);
    expect(await lastEntry(all, "default")).toMatchObject({ actor: { type: "keyless" } });
  });

  it("is made where there is a platform_admin with a password", async () => {
    const all = await administered();
    await makeUser(all, { tenantId: "default", role: "platform_admin", password });
    await create(all);
  });

  it("is made where there is a key already, or keys end nothing", async () => {
    const all = await administered();
    await create(all, { permissions: ["api_keys:create"] });
    await create(all);
    await create(await administered({ staysKeyless: true }));
  });

  it("is whoever else's who has a credential", async () => {
    const all = await administered();
    const by = principalOfRole("admin", "default");
    await all.administration.createApiKey(by, { name: "a" });
  });
});
