import { isRole } from "../../core/access/permissions.ts";
import type { UserCredential } from "../../core/directory/credentials.ts";
import type { DirectoryChange } from "../../core/directory/directory-store.ts";
import type { User } from "../../core/directory/entries.ts";
import type { RowFields } from "./row-fields.ts";
import { budgetColumns, budgetOf, budgetValues, entryColumns, entryOf } from "./shared-columns.ts";
import { orNull, type RowValues, searchText } from "./tables.ts";

export const userColumns = [
  "id",
  "tenant_id",
  "email",
  "name",
  "role",
  "active",
  ...budgetColumns,
  "password_hash",
  "external_id",
  "last_log_in_at",
  "tokens_ended_at",
  ...entryColumns,
];

export const userOf = (fields: RowFields): User => ({
  id: fields.text("id"),
  tenantId: fields.text("tenant_id"),
  email: fields.text("email"),
  name: fields.text("name"),
  role: fields.oneOf("role", isRole),
  active: fields.flag("active"),
  budget: budgetOf(fields),
  hasPassword: fields.textIfAny("password_hash") !== undefined,
  externalId: fields.textIfAny("external_id"),
  lastLogInAtMs: fields.numberIfAny("last_log_in_at"),
  tokensEndedAtMs: fields.numberIfAny("tokens_ended_at"),
  ...entryOf(fields),
});

export const userCredentialOf = (fields: RowFields): UserCredential => ({
  passwordHash: fields.textIfAny("password_hash"),
});

/** A credential that is absent stays as it is. */
export const userValues = ({
  user,
  credential,
}: Extract<DirectoryChange, { type: "put_user" }>): RowValues => ({
  id: user.id,
  tenant_id: user.tenantId,
  email: user.email,
  name: user.name,
  search_text: searchText(user.name, user.email),
  role: user.role,
  active: Number(user.active),
  ...budgetValues(user.budget),
  external_id: orNull(user.externalId),
  ...(credential === undefined ? {} : { password_hash: orNull(credential.passwordHash) }),
});
