import { isPermission } from "../../core/access/permissions.ts";
import type { ApiKeyCredential, KeyedHash } from "../../core/directory/credentials.ts";
import type { DirectoryChange } from "../../core/directory/directory-store.ts";
import type { ApiKey } from "../../core/directory/entries.ts";
import type { RowFields } from "./row-fields.ts";
import {
  allowedColumns,
  allowedOf,
  allowedValues,
  budgetColumns,
  budgetOf,
  budgetValues,
  entryColumns,
  entryOf,
  limitColumns,
  limitsOf,
  limitValues,
} from "./shared-columns.ts";
import { jsonValue, orNull, type RowValues, searchText } from "./tables.ts";

export const apiKeyColumns = [
  "id",
  "tenant_id",
  "user_id",
  "name",
  "prefix",
  "environment",
  ...limitColumns,
  ...budgetColumns,
  ...allowedColumns,
  "permissions",
  "expires_at",
  "active",
  "revoked_at",
  "last_used_at",
  "hash",
  "hash_key_id",
  "previous_hash",
  "previous_hash_key_id",
  "previous_expires_at",
  "bcrypt_hash",
  ...entryColumns,
];

export const apiKeyOf = (fields: RowFields): ApiKey => ({
  id: fields.text("id"),
  tenantId: fields.text("tenant_id"),
  userId: fields.textIfAny("user_id"),
  name: fields.text("name"),
  prefix: fields.text("prefix"),
  environment: fields.oneOf("environment", isEnvironment),
  limits: limitsOf(fields),
  budget: budgetOf(fields),
  ...allowedOf(fields),
  permissions: (fields.textsIfAny("permissions") ?? []).filter(isPermission),
  expiresAtMs: fields.numberIfAny("expires_at"),
  active: fields.flag("active"),
  revokedAtMs: fields.numberIfAny("revoked_at"),
  lastUsedAtMs: fields.numberIfAny("last_used_at"),
  previousExpiresAtMs: fields.numberIfAny("previous_expires_at"),
  ...entryOf(fields),
});

export const apiKeyCredentialOf = (fields: RowFields): ApiKeyCredential => ({
  hash: keyedHashOf(fields, "hash"),
  previousHash: keyedHashOf(fields, "previous_hash"),
  bcryptHash: fields.textIfAny("bcrypt_hash"),
});

/** A credential that is absent stays as it is. */
export const apiKeyValues = ({
  apiKey,
  credential,
}: Extract<DirectoryChange, { type: "put_api_key" }>): RowValues => ({
  id: apiKey.id,
  tenant_id: apiKey.tenantId,
  user_id: orNull(apiKey.userId),
  name: apiKey.name,
  prefix: apiKey.prefix,
  search_text: searchText(apiKey.name, apiKey.prefix),
  environment: apiKey.environment,
  ...limitValues(apiKey.limits),
  ...budgetValues(apiKey.budget),
  ...allowedValues(apiKey),
  permissions: jsonValue(apiKey.permissions),
  expires_at: orNull(apiKey.expiresAtMs),
  active: Number(apiKey.active),
  revoked_at: orNull(apiKey.revokedAtMs),
  previous_expires_at: orNull(apiKey.previousExpiresAtMs),
  ...(credential === undefined ? {} : apiKeyCredentialValues(credential)),
});

export const apiKeyCredentialValues = ({ hash, previousHash, bcryptHash }: ApiKeyCredential): RowValues => ({
  hash: orNull(hash?.hash),
  hash_key_id: orNull(hash?.keyId),
  previous_hash: orNull(previousHash?.hash),
  previous_hash_key_id: orNull(previousHash?.keyId),
  bcrypt_hash: orNull(bcryptHash),
});

function keyedHashOf(fields: RowFields, column: "hash" | "previous_hash"): KeyedHash | undefined {
  const hash = fields.textIfAny(column);
  return hash === undefined ? undefined : { hash, keyId: fields.text(`${column}_key_id`) };
}

const isEnvironment = (text: string): text is ApiKey["environment"] => text === "live" || text === "test";
