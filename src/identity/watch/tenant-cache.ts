// What every tenant may use and spend, in memory: calls of those who name a tenant ask it without waiting.

import type { KnownTenant, KnownTenants } from "../../core/access/known-tenants.ts";
import type { DirectoryStore } from "../../core/directory/directory-store.ts";
import type { Tenant } from "../../core/directory/entries.ts";
import { grantOfTenant } from "../../core/directory/grants-of.ts";
import { GatewayError } from "../../core/errors.ts";

export interface TenantCache extends KnownTenants {
  /** Reads all, as many as are held. */
  load(): Promise<void>;
  /** Puts what these are now in the place of what they were; undefined: it is gone. */
  put(tenants: ReadonlyMap<string, Tenant | undefined>): void;
}

const pageSize = 200;
/** With more tenants than that, the others are looked up when they are named. */
const heldMax = 10_000;
const askingMax = 100;

export function createTenantCache(
  store: Pick<DirectoryStore, "tenants" | "tenantsById">,
  max = heldMax,
): TenantCache {
  /** Undefined: it is known that there is none. */
  let held = new Map<string, KnownTenant | undefined>();
  let isWhole = false;
  const asking = new Set<string>();
  let changes = 0;

  function hold(id: string, tenant: KnownTenant | undefined): void {
    const [first] = held.keys();
    if (held.size >= max && !held.has(id) && first !== undefined) {
      held.delete(first);
      isWhole = false;
    }
    held.set(id, tenant);
  }

  async function ask(id: string): Promise<void> {
    const before = changes;
    try {
      const [tenant] = await store.tenantsById([id]);
      if (before === changes) hold(id, tenant && knownOf(tenant));
    } catch {
      // Whoever asks again has it looked up again.
    } finally {
      asking.delete(id);
    }
  }

  return {
    find(id) {
      const known = held.get(id);
      if (known !== undefined || isWhole || held.has(id)) return known;
      if (!asking.has(id) && asking.size < askingMax) {
        asking.add(id);
        void ask(id);
      }
      throw lookedUp(id);
    },
    async load() {
      const loaded = new Map<string, KnownTenant>();
      let after: string | undefined;
      let hasMore = true;
      while (hasMore && loaded.size < max) {
        const first = Math.min(pageSize, max - loaded.size);
        const page = await store.tenants({ first, after });
        for (const tenant of page.entries) loaded.set(tenant.id, knownOf(tenant));
        after = page.entries.at(-1)?.id;
        ({ hasMore } = page);
      }
      changes += 1;
      held = loaded;
      isWhole = !hasMore;
    },
    put(tenants) {
      if (tenants.size > 0) changes += 1;
      for (const [id, tenant] of tenants) {
        if (tenant === undefined) held.delete(id);
        else hold(id, knownOf(tenant));
      }
    },
  };
}

const knownOf = (tenant: Tenant): KnownTenant => ({
  active: tenant.active,
  grants: { tenant: grantOfTenant(tenant) },
});

const lookedUp = (id: string): GatewayError =>
  new GatewayError({
    code: "unavailable",
    message: `The tenant ${id} is being looked up. Try again.`,
    retryAfterMs: 1_000,
  });
