import type { Administration } from "./administration.ts";
import { type AdministrationPorts, createSteps } from "./administration-steps.ts";
import { createApiKeyAdministration } from "./api-key-administration.ts";
import { createAuditAdministration } from "./audit-administration.ts";
import { createPasswordChange } from "./password-change.ts";
import { createReseal } from "./reseal-client-secrets.ts";
import { createSsoAdministration } from "./sso-administration.ts";
import { createTenantAdministration } from "./tenant-administration.ts";
import { createUserAdministration } from "./user-administration.ts";

/** Tenants, users, keys, sign-on and the trail over the directory's store. */
export function createAdministration(ports: AdministrationPorts): Administration {
  const steps = createSteps(ports);
  return {
    ...createTenantAdministration(steps),
    ...createUserAdministration(steps),
    changePassword: createPasswordChange(steps),
    ...createApiKeyAdministration(steps),
    ...createSsoAdministration(steps),
    resealClientSecrets: createReseal(steps),
    ...createAuditAdministration(steps),
  };
}
