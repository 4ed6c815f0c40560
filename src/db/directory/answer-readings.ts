// Answers what is read of the directory through its entities, and what takes long.

import type { EntityManager } from "@mikro-orm/core";
import type { DatabaseAccess } from "../database-access.ts";
import type { DirectoryReadings } from "./directory-calls.ts";
import { listAudit } from "./list-audit.ts";
import { listApiKeys, listTenants, listUsers } from "./list-entries.ts";
import { verifyAuditPage } from "./verify-audit.ts";

/** @param entities gives an entity manager of its own to each question */
export const createDirectoryReadings = (
  access: DatabaseAccess,
  entities: () => EntityManager,
): DirectoryReadings => ({
  tenants: (query) => listTenants(entities(), query),
  users: (query) => listUsers(entities(), query),
  apiKeys: (query) => listApiKeys(entities(), query),
  audit: (query) => listAudit(entities(), query),
  verifyAuditPage: (progress) => verifyAuditPage(access, progress),
});
