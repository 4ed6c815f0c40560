import type { Principal } from "../access/principal.ts";
import { canonicalJson } from "../canonical-json.ts";

/**
 * Who a run belongs to, as text: equal for the same credential only. For which tenant it calls does not count: labels
 * say so, and whoever resumes sends none.
 */
export const ownerOf = ({
  tenantId,
  actingFrom,
  apiKeyId,
  userId,
  externalId,
  environment,
  keyless,
}: Principal): string =>
  canonicalJson(
    keyless ? { keyless } : { tenantId: actingFrom ?? tenantId, apiKeyId, userId, externalId, environment },
  );
