// The part of the administration that is about tenants.

import { actsFor, may, notFound } from "../access/authorize.ts";
import type { Principal } from "../access/principal.ts";
import { type FieldFault, invalidRequest } from "../errors.ts";
import type { Administration, TenantInput } from "./administration.ts";
import { requireVersion } from "./administration-errors.ts";
import type { Steps } from "./administration-steps.ts";
import { areSame } from "./audit-differences.ts";
import type { Page, PageQuery } from "./directory-store.ts";
import type { Tenant } from "./entries.ts";
import { requireOwnTenant } from "./listed-tenant.ts";
import { newTenant, type PlannedTenant, plannedTenant } from "./planned.ts";
import { inOrder, oneAsWritten } from "./read-by-id.ts";
import { faultsOf, refuse } from "./rules/faults.ts";
import { isSlug, slugFault } from "./rules/ids.ts";
import { pageFaults, searchOf } from "./rules/page.ts";
import { tenantFaults } from "./rules/tenant.ts";

type TenantAdministration = Pick<
  Administration,
  "tenants" | "tenantsById" | "createTenant" | "updateTenant" | "deleteTenant"
>;

/** Whose keys and users there are from the start, and whose callers are those without a key. */
const firstTenant = "default";

export const createTenantAdministration = (steps: Steps): TenantAdministration => ({
  ...tenantListings(steps),
  createTenant: creatingTenant(steps),
  updateTenant: updatingTenant(steps),
  deleteTenant: deletingTenant(steps),
});

const tenantListings = (steps: Steps): Pick<TenantAdministration, "tenants" | "tenantsById"> => ({
  async tenants(by, query) {
    steps.permit(by, "tenants");
    refuse(pageFaults(query, (id) => (isSlug(id) ? undefined : "is no id of a tenant")));
    const { first, after, active } = query;
    const page = { first, after, active, search: searchOf(query.search) };
    if (may(by, "tenants:act_as")) return steps.ask((store) => store.tenants(page));
    return ofOne(await steps.ask((store) => store.tenantsById([by.tenantId])), page);
  },
  async tenantsById(by, ids) {
    steps.permit(by, "tenantsById");
    return inOrder(ids, {
      read: (some) => steps.ask((store) => store.tenantsById(some)),
      isId: isSlug,
      isSeen: ({ id }) => actsFor(by, id),
    });
  },
});

const creatingTenant =
  (steps: Steps): TenantAdministration["createTenant"] =>
  async (by, input) => {
    steps.permit(by, "createTenant");
    permitGrants(steps, by, input);
    const { id } = input;
    const after = plannedTenant({ ...newTenant, id }, input);
    refuse([...faultsOf("id", id, slugFault), ...tenantFaults(input, after), ...activeFaults(after)]);
    const version = await steps.write(by, {
      changes: [{ type: "put_tenant", tenant: after, seen: undefined }],
      audit: [{ ...about("create", id), after }],
      taken: () => ({ field: "id", message: "is, or was, another tenant's: take another one" }),
    });
    const nowMs = steps.nowMs();
    return asStored(steps, { ...after, createdAtMs: nowMs, updatedAtMs: nowMs, version });
  };

const updatingTenant =
  (steps: Steps): TenantAdministration["updateTenant"] =>
  async (by, id, input) => {
    steps.permit(by, "updateTenant");
    permitGrants(steps, by, input);
    const was = await found(steps, by, id);
    const [before, after] = [plannedTenant(was, {}), plannedTenant(was, input)];
    refuse([...tenantFaults(input, after), ...activeFaults(after)]);
    requireVersion(input.version, was.version);
    if (areSame(before, after)) return was;
    const version = await steps.write(by, {
      changes: [{ type: "put_tenant", tenant: after, seen: was.version }],
      audit: [{ ...about("update", id), before, after }],
    });
    const { createdAtMs } = was;
    return asStored(steps, { ...after, createdAtMs, updatedAtMs: steps.nowMs(), version });
  };

const deletingTenant =
  (steps: Steps): TenantAdministration["deleteTenant"] =>
  async (by, id, edit) => {
    steps.permit(by, "deleteTenant");
    const was = await found(steps, by, id);
    if (id === firstTenant) {
      throw invalidRequest("id", `${firstTenant} cannot be deleted: it is the gateway's own`);
    }
    requireVersion(edit.version, was.version);
    await steps.write(by, {
      changes: [{ type: "delete_tenant", id, seen: was.version }],
      audit: [{ ...about("delete", id), before: plannedTenant(was, {}) }],
    });
    return was;
  };

async function found(steps: Steps, by: Principal, id: string): Promise<Tenant> {
  requireOwnTenant(by, id);
  const [tenant] = await steps.ask((store) => store.tenantsById([id]));
  if (tenant === undefined) throw notFound("tenant");
  return tenant;
}

const asStored = (steps: Steps, tenant: Tenant): Promise<Tenant> =>
  oneAsWritten(tenant, (ids) => steps.ask((store) => store.tenantsById(ids)));

const about = (what: string, id: string) => ({
  tenantId: id,
  action: `tenant.${what}`,
  target: { type: "tenant", id },
});

/** What a tenant may use and spend at most is not its own to say. @throws GatewayError `permission_denied` */
function permitGrants(steps: Steps, by: Principal, input: TenantInput): void {
  const { active, timeZone, limits, budget, allowedModels, allowedProviders } = input;
  const grants = [active, timeZone, limits, budget, allowedModels, allowedProviders];
  if (grants.some((grant) => grant !== undefined)) steps.permitTo(by, "budgets:update");
}

const activeFaults = ({ id, active }: PlannedTenant): readonly FieldFault[] =>
  id === firstTenant && !active
    ? [{ field: "active", message: `${firstTenant} cannot be made inactive: it is the gateway's own` }]
    : [];

/** The listing of who sees no other tenant. */
function ofOne(tenants: readonly Tenant[], query: Omit<PageQuery, "tenantId" | "userId">): Page<Tenant> {
  const { after, active, search } = query;
  const entries = tenants.filter(
    (tenant) =>
      (after === undefined || tenant.id > after) &&
      (active === undefined || tenant.active === active) &&
      (search === undefined || isIn(search, [tenant.id, tenant.name, tenant.contactEmail ?? ""])),
  );
  return { entries, hasMore: false };
}

const isIn = (search: string, texts: readonly string[]): boolean =>
  texts.some((text) => text.toLowerCase().includes(search.toLowerCase()));
