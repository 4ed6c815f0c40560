import type { Session } from "../../core/directory/entries.ts";
import type { RowFields } from "./row-fields.ts";

export const sessionColumns = ["id", "user_id", "tenant_id", "created_at", "expires_at", "ended_at"];

export const sessionOf = (fields: RowFields): Session => ({
  id: fields.text("id"),
  userId: fields.text("user_id"),
  tenantId: fields.text("tenant_id"),
  createdAtMs: fields.number("created_at"),
  expiresAtMs: fields.number("expires_at"),
  endedAtMs: fields.numberIfAny("ended_at"),
});
