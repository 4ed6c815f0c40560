// Principals with limits of their own, as grants give them.

import type { UseLimits } from "../../src/core/access/grants.ts";
import type { Principal } from "../../src/core/access/principal.ts";
import { principalOfRole } from "./principals.ts";

export interface OwnLimits {
  readonly tenant?: UseLimits;
  readonly key?: UseLimits;
}

export const limitedPrincipal = (
  { tenant = {}, key }: OwnLimits,
  { tenantId = "acme", apiKeyId = "key-1" } = {},
): Principal => ({
  ...principalOfRole("developer", tenantId),
  apiKeyId: key === undefined ? undefined : apiKeyId,
  grants: {
    tenant: { id: tenantId, timeZone: "UTC", limits: tenant, budget: {} },
    key: key === undefined ? undefined : { id: apiKeyId, limits: key, budget: {} },
  },
});
