// Table `sso_configs`: how a tenant's users sign on.

import { defineEntity, p } from "@mikro-orm/core";
import { dated, writtenJson } from "./directory-columns.ts";

export const SsoConfigEntity = defineEntity({
  name: "SsoConfig",
  tableName: "sso_configs",
  properties: {
    tenantId: p.text().primary(),
    active: p.boolean(),
    issuer: p.text(),
    clientId: p.text(),
    /** Sealed under the server's secret. */
    secretCiphertext: p.blob().nullable(),
    secretNonce: p.blob().nullable(),
    secretKeyId: p.text().nullable(),
    scopes: writtenJson(),
    groupsClaim: p.text(),
    rolesOfGroups: writtenJson(),
    defaultRole: p.text().nullable(),
    createsUsers: p.boolean(),
    ...dated,
    version: p.bigint("number"),
  },
});
