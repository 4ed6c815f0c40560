// The port that tells at once what a tenant may use and spend: calls begin without waiting for a database.

import type { Grants } from "./grants.ts";

export interface KnownTenant {
  readonly active: boolean;
  readonly grants: Grants;
}

export interface KnownTenants {
  /**
   * Undefined: there is no such tenant.
   * @throws GatewayError `unavailable`, where it has to be looked up first
   */
  find(tenantId: string): KnownTenant | undefined;
}
