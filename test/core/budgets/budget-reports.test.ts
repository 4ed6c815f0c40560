import { describe, expect, it } from "vitest";
import { createBudgetReports } from "../../../src/core/budgets/create-budget-reports.ts";
import type { BudgetAccount } from "../../../src/core/budgets/budget-store.ts";
import type { BudgetSubject } from "../../../src/core/budgets/budget-reports.ts";
import type { Tenant } from "../../../src/core/directory/entries.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { principalOfRole } from "../../support/principals.ts";

const tenant = (id: string, timeZone: string): Tenant => ({
  id,
  name: id,
  contactEmail: undefined,
  active: true,
  timeZone,
  limits: {},
  budget: {},
  logging: undefined,
  cacheTtlSeconds: undefined,
  createdAtMs: 0,
  updatedAtMs: 0,
  version: 1,
});
const tenants = [tenant("acme", "Pacific/Auckland"), tenant("other", "UTC")];

function begin(failure?: Error) {
  const asked: (readonly string[])[] = [];
  const accounts: BudgetAccount[] = [];
  const clock = createManualClock(Date.parse("2026-06-30T13:00Z"));
  const reports = createBudgetReports({
    clock,
    tenants: {
      async tenantsById(ids) {
        asked.push(ids);
        if (failure !== undefined) throw failure;
        return tenants.filter(({ id }) => ids.includes(id));
      },
    },
    store: {
      async standing(account) {
        accounts.push(account);
        return { spentNanos: 60n, reservedNanos: 10n };
      },
    },
  });
  return { reports, asked, accounts };
}

const subject = (changes: Partial<BudgetSubject> = {}): BudgetSubject => ({
  tenantId: "acme",
  scope: "tenant",
  id: "acme",
  budget: { hardNanos: 100n },
  ...changes,
});

describe("budget reports", () => {
  it("tell what is spent, held and left, and when the tenant's month ends", async () => {
    const { reports, asked, accounts } = begin();
    const viewer = principalOfRole("viewer", "acme");
    const told = await reports.of(viewer, [
      subject(),
      subject({ scope: "api_key", id: "k", budget: {} }),
      subject({ scope: "user", id: "u", budget: { hardNanos: 65n, softNanos: 1n } }),
    ]);
    // In Auckland it is July already.
    const resetsAtMs = Date.parse("2026-07-31T12:00Z");
    const standing = { spentNanos: 60n, reservedNanos: 10n, resetsAtMs };
    expect(told).toEqual([
      { ...standing, remainingNanos: 30n },
      { ...standing, remainingNanos: undefined },
      { ...standing, remainingNanos: 0n },
    ]);
    expect(asked).toEqual([["acme"]]);
    expect(accounts.map(({ scope, id }) => `${scope} ${id}`)).toEqual(["tenant acme", "api_key k", "user u"]);
    expect(accounts[0]).toMatchObject({ fromMs: Date.parse("2026-06-30T12:00Z"), toMs: resetsAtMs });
  });

  it("are for who may see budgets, of the own tenant, or of any for who acts for others", async () => {
    const { reports, asked } = begin();
    const nobody = { ...principalOfRole("viewer", "acme"), permissions: new Set<never>() };
    await expect(reports.of(nobody, [subject()])).rejects.toMatchObject({ code: "permission_denied" });
    const viewer = principalOfRole("viewer", "acme");
    const foreign = [subject(), subject({ tenantId: "other", id: "other" })];
    await expect(reports.of(viewer, foreign)).rejects.toMatchObject({ code: "not_found" });
    expect(asked).toEqual([]);
    expect(await reports.of(principalOfRole("platform_admin", "else"), foreign)).toHaveLength(2);
  });

  it("say what is not there, and what cannot be read", async () => {
    const admin = principalOfRole("platform_admin");
    await expect(begin().reports.of(admin, [subject({ tenantId: "gone" })])).rejects.toMatchObject({
      code: "not_found",
    });
    const { reports } = begin(new Error("the database is down"));
    await expect(reports.of(admin, [subject()])).rejects.toMatchObject({ code: "unavailable" });
  });

  it("of many are in the order of the question", async () => {
    const { reports, accounts } = begin();
    const ids = Array.from({ length: 20 }, (_, i) => `k${i}`);
    const subjects = ids.map((id) => subject({ scope: "api_key", id }));
    expect(await reports.of(principalOfRole("viewer", "acme"), subjects)).toHaveLength(20);
    expect(accounts.map(({ id }) => id)).toEqual(ids);
  });

  it("read two accounts at a time, however many ask for however many", async () => {
    let [underWay, most] = [0, 0];
    const clock = createManualClock();
    const reports = createBudgetReports({
      clock,
      tenants: { tenantsById: async () => tenants },
      store: {
        async standing() {
          underWay += 1;
          most = Math.max(most, underWay);
          await Promise.resolve();
          underWay -= 1;
          return { spentNanos: 0n, reservedNanos: 0n };
        },
      },
    });
    const subjects = Array.from({ length: 9 }, (_, i) => subject({ scope: "api_key", id: `k${i}` }));
    const admin = principalOfRole("admin", "acme");
    const told = await Promise.all([1, 2, 3].map(() => reports.of(admin, subjects)));
    expect(told.map(({ length }) => length)).toEqual([9, 9, 9]);
    expect(most).toBe(2);
  });
});
