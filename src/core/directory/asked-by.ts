// For whom the hashing of passwords is waited for: so that one's flood holds up nobody else.

import type { Principal } from "../access/principal.ts";

/** A tenant's administration, that of its own where it acts for another. */
export const tenantAsking = ({ tenantId, actingFrom = tenantId }: Principal): string =>
  `tenant ${actingFrom}`;
