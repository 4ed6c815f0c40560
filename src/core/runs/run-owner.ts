import type { Principal } from "../access/principal.ts";
import { canonicalJson } from "../canonical-json.ts";

/** Who a run belongs to, as text: equal for the same tenant, key, user and credential only. */
export const ownerOf = ({
  tenantId,
  actingFrom,
  apiKeyId,
  userId,
  externalId,
  environment,
  keyless,
}: Principal): string =>
  canonicalJson({ tenantId, actingFrom, apiKeyId, userId, externalId, environment, keyless });
