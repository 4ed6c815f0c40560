import { describe, expect, it } from "vitest";
import type { Permission } from "../../../src/core/access/permissions.ts";
import { principalFor } from "../../../src/core/access/tenant.ts";
import { createBudgetHolds } from "../../../src/core/budgets/budget-holds.ts";
import { createBudgetMonths } from "../../../src/core/budgets/budget-months.ts";
import { budgetedPrincipal } from "../../support/budgeted.ts";
import { keylessPrincipal } from "../../support/principals.ts";

const holdsOf = () => createBudgetHolds(createBudgetMonths());
const inJuneMs = Date.parse("2026-06-15T00:00Z");

describe("the accounts of a call", () => {
  it("are those of its tenant, its key and its user that have a limit, in this order", () => {
    const principal = budgetedPrincipal({
      user: { softNanos: 1n },
      tenant: { hardNanos: 5n, softNanos: 4n },
    });
    const month = { fromMs: Date.parse("2026-06-01T00:00Z"), toMs: Date.parse("2026-07-01T00:00Z") };
    expect(holdsOf()(principal, inJuneMs)).toEqual([
      { account: { tenantId: "acme", scope: "tenant", id: "acme", ...month }, hardNanos: 5n, softNanos: 4n },
      {
        account: { tenantId: "acme", scope: "user", id: "user-1", ...month },
        hardNanos: undefined,
        softNanos: 1n,
      },
    ]);
    expect(holdsOf()(budgetedPrincipal({}), inJuneMs)).toBeUndefined();
    expect(holdsOf()(keylessPrincipal, inJuneMs)).toBeUndefined();
  });

  it("are those of the key's and the user's own tenant, whomever they act for", () => {
    const own = budgetedPrincipal({
      key: { hardNanos: 2n },
      user: { hardNanos: 3n },
      timeZone: "Asia/Tokyo",
    });
    const acting = (tenantId: string) => {
      const tenant = { id: tenantId, timeZone: "UTC", limits: {}, budget: { hardNanos: 1n } };
      return principalFor(
        { ...own, permissions: new Set<Permission>(["tenants:act_as"]) },
        { labels: { tenant: tenantId }, tenants: { find: () => ({ active: true, grants: { tenant } }) } },
      );
    };
    const holds = holdsOf();
    const [key, user] = holds(own, inJuneMs) ?? [];
    expect(key?.account).toMatchObject({ tenantId: "acme", scope: "api_key", id: "key-1" });
    for (const tenantId of ["red", "blue"]) {
      const [ofTenant, ...others] = holds(acting(tenantId), inJuneMs) ?? [];
      expect(ofTenant).toMatchObject({ account: { tenantId, scope: "tenant", id: tenantId }, hardNanos: 1n });
      expect(others).toEqual([key, user]);
    }
    // A month of the tenant's zone has begun, and of the key's one not yet: neither is held for too long.
    const endsMs = Date.parse("2026-06-30T15:00Z");
    const acted = acting("red");
    const monthsAt = (atMs: number) => holds(acted, atMs)?.map(({ account }) => account.fromMs);
    expect(monthsAt(endsMs - 1)?.[1]).toBe(key?.account.fromMs);
    expect(monthsAt(endsMs)?.[1]).toBe(endsMs);
    expect(monthsAt(endsMs)?.[0]).toBe(Date.parse("2026-06-01T00:00Z"));
    expect(monthsAt(Date.parse("2026-07-01T00:00Z"))?.[0]).toBe(Date.parse("2026-07-01T00:00Z"));
  });

  it("are other ones in each month of the tenant's zone", () => {
    const holds = holdsOf();
    const principal = budgetedPrincipal({ key: { hardNanos: 1n }, timeZone: "Asia/Tokyo" });
    const beginsMs = Date.parse("2026-06-30T15:00Z");
    const monthOf = (atMs: number) =>
      holds(principal, atMs)?.map(({ account }) => [account.fromMs, account.toMs]);
    expect(monthOf(beginsMs - 1)?.[0]?.[1]).toBe(beginsMs);
    expect(monthOf(beginsMs)?.[0]?.[0]).toBe(beginsMs);
    // A call that began before midnight is looked at after it.
    expect(monthOf(beginsMs - 1)?.[0]?.[1]).toBe(beginsMs);
    expect(holds(principal, beginsMs)).toBe(holds(principal, beginsMs + 1));
  });
});
