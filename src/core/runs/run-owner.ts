import type { KnownTenants } from "../access/known-tenants.ts";
import type { Principal } from "../access/principal.ts";
import { principalFor } from "../access/tenant.ts";
import { canonicalJson } from "../canonical-json.ts";
import { type ErrorCode, GatewayError } from "../errors.ts";
import type { RunHead } from "./shared-runs.ts";

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

const refusals: ReadonlySet<ErrorCode> = new Set(["permission_denied", "not_found", "invalid_request"]);

/**
 * Whether the run is the principal's, who may still call for the run's tenant.
 * @throws GatewayError `unavailable`
 */
export function isRunOf(
  { owner, tenantId }: Pick<RunHead, "owner" | "tenantId">,
  principal: Principal,
  tenants: KnownTenants | undefined,
): boolean {
  if (owner !== ownerOf(principal)) return false;
  try {
    principalFor(principal, { labels: { tenant: tenantId }, tenants });
    return true;
  } catch (error) {
    if (error instanceof GatewayError && refusals.has(error.code)) return false;
    throw error;
  }
}
