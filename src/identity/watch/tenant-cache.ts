// What every tenant may use and spend, in memory: calls of those who name a tenant ask it without waiting.

import type { KnownTenant, KnownTenants } from "../../core/access/known-tenants.ts";
import type { DirectoryStore } from "../../core/directory/directory-store.ts";
import type { Tenant } from "../../core/directory/entries.ts";
import { grantOfTenant } from "../../core/directory/grants-of.ts";
import { GatewayError } from "../../core/errors.ts";

const pageSize = 200;
/** With more tenants than that, the others are looked up when they are named. */
const heldMax = 10_000;
const askingMax = 100;

export class TenantCache implements KnownTenants {
  readonly #store: Pick<DirectoryStore, "tenantsAfter" | "tenantsById">;
  readonly #max: number;
  /** Undefined: it is known that there is none. */
  #held = new Map<string, KnownTenant | undefined>();
  /** Whether one that is not held does not exist. */
  #isWhole = false;
  readonly #asking = new Set<string>();
  #changes = 0;

  constructor(store: Pick<DirectoryStore, "tenantsAfter" | "tenantsById">, max = heldMax) {
    this.#store = store;
    this.#max = max;
  }

  find(id: string): KnownTenant | undefined {
    if (this.#isWhole || this.#held.has(id)) return this.#held.get(id);
    if (!this.#asking.has(id) && this.#asking.size < askingMax) void this.#ask(id);
    throw lookedUp(id);
  }

  /** Reads all, as many as are held. */
  async load(): Promise<void> {
    const loaded = new Map<string, KnownTenant>();
    let page: readonly Tenant[];
    let room: number;
    do {
      room = this.#max - loaded.size;
      page = await this.#store.tenantsAfter([...loaded.keys()].at(-1), pageSize);
      for (const tenant of page.slice(0, room)) loaded.set(tenant.id, knownOf(tenant));
    } while (page.length === pageSize && page.length <= room);
    this.#changes += 1;
    this.#held = loaded;
    this.#isWhole = page.length <= room;
  }

  /** Puts what these are now in the place of what they were; undefined: it is gone. */
  put(tenants: ReadonlyMap<string, Tenant | undefined>): void {
    if (tenants.size > 0) this.#changes += 1;
    for (const [id, tenant] of tenants) {
      if (tenant === undefined) this.#held.delete(id);
      else this.#hold(id, knownOf(tenant));
    }
  }

  #hold(id: string, tenant: KnownTenant | undefined): void {
    const [first] = this.#held.keys();
    if (this.#held.size >= this.#max && !this.#held.has(id) && first !== undefined) {
      this.#held.delete(first);
      this.#isWhole = false;
    }
    this.#held.set(id, tenant);
  }

  async #ask(id: string): Promise<void> {
    const before = this.#changes;
    this.#asking.add(id);
    try {
      const [tenant] = await this.#store.tenantsById([id]);
      if (before === this.#changes) this.#hold(id, tenant && knownOf(tenant));
    } catch {
      // Whoever names it again has it looked up again.
    } finally {
      this.#asking.delete(id);
    }
  }
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
