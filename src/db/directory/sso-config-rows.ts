import { isRole, type Role } from "../../core/access/permissions.ts";
import type { SsoCredential } from "../../core/directory/credentials.ts";
import type { DirectoryChange } from "../../core/directory/directory-store.ts";
import type { SsoConfig } from "../../core/directory/entries.ts";
import type { RowFields } from "./row-fields.ts";
import { entryColumns, entryOf } from "./shared-columns.ts";
import { jsonValue, orNull, type RowValues } from "./tables.ts";

export const ssoConfigColumns = [
  "tenant_id",
  "active",
  "issuer",
  "client_id",
  "secret_ciphertext",
  "secret_nonce",
  "secret_key_id",
  "scopes",
  "groups_claim",
  "roles_of_groups",
  "default_role",
  "creates_users",
  ...entryColumns,
];

export const ssoConfigOf = (fields: RowFields): SsoConfig => ({
  tenantId: fields.text("tenant_id"),
  active: fields.flag("active"),
  issuer: fields.text("issuer"),
  clientId: fields.text("client_id"),
  hasClientSecret: fields.textIfAny("secret_key_id") !== undefined,
  scopes: fields.textsIfAny("scopes") ?? [],
  groupsClaim: fields.text("groups_claim"),
  rolesOfGroups: rolesOf(fields),
  defaultRole:
    fields.textIfAny("default_role") === undefined ? undefined : fields.oneOf("default_role", isRole),
  createsUsers: fields.flag("creates_users"),
  ...entryOf(fields),
});

export function ssoCredentialOf(fields: RowFields): SsoCredential {
  const keyId = fields.textIfAny("secret_key_id");
  if (keyId === undefined) return { clientSecret: undefined };
  return {
    clientSecret: {
      keyId,
      nonce: fields.bytes("secret_nonce"),
      ciphertext: fields.bytes("secret_ciphertext"),
    },
  };
}

/** A credential that is absent stays as it is. */
export const ssoConfigValues = ({
  ssoConfig,
  credential,
}: Extract<DirectoryChange, { type: "put_sso_config" }>): RowValues => ({
  tenant_id: ssoConfig.tenantId,
  active: Number(ssoConfig.active),
  issuer: ssoConfig.issuer,
  client_id: ssoConfig.clientId,
  scopes: jsonValue(ssoConfig.scopes),
  groups_claim: ssoConfig.groupsClaim,
  roles_of_groups: jsonValue(ssoConfig.rolesOfGroups),
  default_role: orNull(ssoConfig.defaultRole),
  creates_users: Number(ssoConfig.createsUsers),
  ...(credential === undefined ? {} : secretValues(credential)),
});

const secretValues = ({ clientSecret }: SsoCredential): RowValues => ({
  secret_ciphertext: orNull(clientSecret?.ciphertext),
  secret_nonce: orNull(clientSecret?.nonce),
  secret_key_id: orNull(clientSecret?.keyId),
});

const rolesOf = (fields: RowFields): Readonly<Record<string, Role>> =>
  Object.fromEntries(
    Object.entries(fields.objectIfAny("roles_of_groups") ?? {}).filter(
      (entry): entry is [string, Role] => typeof entry[1] === "string" && isRole(entry[1]),
    ),
  );
