import { notFound, requirePermission, requireTenant } from "../access/authorize.ts";
import type { Clock } from "../clock.ts";
import type { DirectoryStore } from "../directory/directory-store.ts";
import { GatewayError } from "../errors.ts";
import { createTurns } from "../turns.ts";
import { createBudgetMonths } from "./budget-months.ts";
import type { BudgetReport, BudgetReports, BudgetSubject } from "./budget-reports.ts";
import type { BudgetStore } from "./budget-store.ts";

export interface BudgetReportPorts {
  readonly store: Pick<BudgetStore, "standing">;
  /** A month is one of its time zone. */
  readonly tenants: Pick<DirectoryStore, "tenantsById">;
  readonly clock: Clock;
}

/**
 * Accounts that no call uses are read from the records, which takes their database as long as the tenant has calls: so
 * many at a time, whoever asks.
 */
const atATime = 2;
const longestWaitMs = 15_000;

export function createBudgetReports({ store, tenants, clock }: BudgetReportPorts): BudgetReports {
  const months = createBudgetMonths();
  const takeTurn = createTurns({ atATime, longestWaitMs, tooLate, clock });

  /** Of those that are looked up. */
  async function zonesOf(subjects: readonly BudgetSubject[]): Promise<ReadonlyMap<string, string>> {
    const unknown = subjects.filter(({ timeZone }) => timeZone === undefined);
    const ids = [...new Set(unknown.map(({ tenantId }) => tenantId))];
    if (ids.length === 0) return new Map();
    try {
      return new Map((await tenants.tenantsById(ids)).map(({ id, timeZone }) => [id, timeZone]));
    } catch (cause) {
      throw new GatewayError({
        code: "unavailable",
        message: "The tenants of the budgets cannot be read at the moment. Ask again later.",
        cause,
      });
    }
  }

  async function reportOf(
    { tenantId, scope, id, budget }: BudgetSubject,
    timeZone: string | undefined,
  ): Promise<BudgetReport> {
    if (timeZone === undefined) throw notFound("tenant");
    const month = months(timeZone, clock.epochMs());
    const { spentNanos, reservedNanos } = await store.standing({ tenantId, scope, id, ...month });
    const { hardNanos } = budget;
    const leftNanos = hardNanos === undefined ? undefined : hardNanos - spentNanos - reservedNanos;
    return {
      spentNanos,
      reservedNanos,
      remainingNanos: leftNanos !== undefined && leftNanos < 0n ? 0n : leftNanos,
      resetsAtMs: month.toMs,
    };
  }

  return {
    async of(by, subjects) {
      requirePermission(by, "budgets:view");
      for (const { tenantId } of subjects) requireTenant(by, tenantId);
      const zones = await zonesOf(subjects);
      const reports: BudgetReport[] = [];
      for (let i = 0; i < subjects.length; i += atATime) {
        const some = subjects.slice(i, i + atATime);
        const asked = some.map((subject) =>
          takeTurn(() => reportOf(subject, subject.timeZone ?? zones.get(subject.tenantId))),
        );
        reports.push(...(await Promise.all(asked)));
      }
      return reports;
    },
  };
}

const tooLate = () =>
  new GatewayError({
    code: "unavailable",
    message: "Too many budgets are being read at the moment. Ask again later, or for fewer at once.",
  });
