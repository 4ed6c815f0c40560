import { describe, expect, it } from "vitest";
import type { KnownTenant, KnownTenants } from "../../src/core/access/known-tenants.ts";
import { permissionsOfRole } from "../../src/core/access/permissions.ts";
import type { Principal } from "../../src/core/access/principal.ts";
import { principalFor } from "../../src/core/access/tenant.ts";
import { keylessPrincipal, principalOfRole } from "../support/principals.ts";

const grantsOf = (id: string) => ({ tenant: { id, timeZone: "UTC", limits: {}, budget: {} } });

const held: Readonly<Record<string, KnownTenant>> = {
  default: { active: true, grants: grantsOf("default") },
  red: { active: true, grants: grantsOf("red") },
  blue: { active: false, grants: grantsOf("blue") },
};
const tenants: KnownTenants = { find: (id) => held[id] };

const forTenant = (principal: Principal, tenant?: string) =>
  principalFor(principal, { labels: tenant === undefined ? {} : { tenant }, tenants });

const codeOf = (principal: Principal, tenant: string) => {
  try {
    return forTenant(principal, tenant).tenantId;
  } catch (error) {
    return error instanceof Error && "code" in error ? error.code : error;
  }
};

describe("a keyless call", () => {
  it("has the grants of the tenant that it names, or of `default`", () => {
    expect(forTenant(keylessPrincipal)).toEqual({ ...keylessPrincipal, grants: grantsOf("default") });
    expect(forTenant(keylessPrincipal, "red")).toEqual({
      ...keylessPrincipal,
      tenantId: "red",
      grants: grantsOf("red"),
    });
  });

  it("has the very same each time: what its budget is counted in is put together once", () => {
    expect(forTenant(keylessPrincipal, "red").grants).toBe(held["red"]?.grants);
  });

  it("has none for a tenant that there is not, and is refused for an inactive one", () => {
    expect(forTenant(keylessPrincipal, "green").grants).toBeUndefined();
    expect(() => forTenant(keylessPrincipal, "blue")).toThrow(
      expect.objectContaining({
        code: "permission_denied",
        message: expect.stringContaining("blue is inactive"),
      }),
    );
  });

  it("is served as it is where no tenants are kept", () => {
    const alone = { labels: { tenant: "green" }, tenants: undefined };
    expect(principalFor(keylessPrincipal, alone)).toEqual({ ...keylessPrincipal, tenantId: "green" });
  });
});

describe("a call with a credential", () => {
  const grants = {
    ...grantsOf("default"),
    key: { id: "k", limits: {}, budget: {} },
    user: { id: "u", budget: {} },
  };
  const admin = { ...principalOfRole("platform_admin"), grants };

  it("is its own tenant's, with the grants that it has", () => {
    const own = { ...principalOfRole("developer", "red"), grants };
    expect(forTenant(own)).toBe(own);
    expect(forTenant(own, "red")).toBe(own);
  });

  it("that acts for another tenant has that one's grants beside its own key's and user's", () => {
    expect(forTenant(admin, "red")).toEqual({
      ...admin,
      tenantId: "red",
      actingFrom: "default",
      grants: { ...grants, ...grantsOf("red"), home: grants.tenant },
    });
  });

  it("names no tenant that is inactive, that there is not, or that it may not act for", () => {
    expect(codeOf(admin, "blue")).toBe("permission_denied");
    expect(codeOf(admin, "green")).toBe("not_found");
    expect(codeOf(admin, "Not a slug")).toBe("invalid_request");
    expect(codeOf({ ...admin, permissions: permissionsOfRole.owner }, "red")).toBe("permission_denied");
  });
});
