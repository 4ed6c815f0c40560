import type { FieldFault } from "../../errors.ts";
import type { SsoConfigInput } from "../administration.ts";
import type { PlannedSsoConfig } from "../planned.ts";
import { faultsOf } from "./faults.ts";
import { roleFault } from "./granted.ts";
import { clientIdFault, clientSecretFault, groupFaults, issuerFault, scopesFault } from "./sso.ts";
import { nameFault } from "./text.ts";

/** All that is wrong with what is said of a tenant's sign-on. */
export function ssoFaults(
  input: SsoConfigInput,
  {
    planned,
    allowsLoopbackIssuers,
  }: { readonly planned: PlannedSsoConfig; readonly allowsLoopbackIssuers: boolean },
): readonly FieldFault[] {
  return [
    ...requiredFaults(planned),
    ...faultsOf("issuer", input.issuer, (issuer) => issuerFault(issuer, allowsLoopbackIssuers)),
    ...faultsOf("clientId", input.clientId, clientIdFault),
    ...faultsOf("clientSecret", input.clientSecret, clientSecretFault),
    ...faultsOf("scopes", input.scopes, scopesFault),
    ...faultsOf("groupsClaim", input.groupsClaim, nameFault),
    ...groupFaults(input.rolesOfGroups),
    ...faultsOf("defaultRole", input.defaultRole, roleFault),
    ...platformFaults(planned),
  ];
}

/** Whoever acts for every tenant does not sign on by one tenant's issuer. */
function platformFaults({ rolesOfGroups, defaultRole }: PlannedSsoConfig): readonly FieldFault[] {
  const message = "no sign-on gives platform_admin: give it to a user who logs in by password";
  return [
    ...(Object.values(rolesOfGroups).includes("platform_admin") ? [{ field: "rolesOfGroups", message }] : []),
    ...(defaultRole === "platform_admin" ? [{ field: "defaultRole", message }] : []),
  ];
}

const requiredFaults = ({ issuer, clientId }: PlannedSsoConfig): readonly FieldFault[] => [
  ...(issuer === "" ? [{ field: "issuer", message: "must be given" }] : []),
  ...(clientId === "" ? [{ field: "clientId", message: "must be given" }] : []),
];
