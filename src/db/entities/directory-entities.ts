import { ApiKeyEntity } from "./api-key-entity.ts";
import { AuditLogEntity } from "./audit-log-entity.ts";
import { SessionEntity } from "./session-entity.ts";
import { SsoConfigEntity } from "./sso-config-entity.ts";
import { TenantEntity } from "./tenant-entity.ts";
import { UserEntity } from "./user-entity.ts";

/** Of tenants, users and keys, of sign-on and sessions, and of the audit trail. */
export const directoryEntities = [
  TenantEntity,
  UserEntity,
  ApiKeyEntity,
  SsoConfigEntity,
  SessionEntity,
  AuditLogEntity,
];
