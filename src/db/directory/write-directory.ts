// Writes changes of the directory and the audit entries that tell of them: together in one transaction, or nothing.

import type {
  ChangedEntry,
  DirectoryChange,
  DirectoryWritten,
} from "../../core/directory/directory-store.ts";
import { type EndedWith, withEnded } from "../../core/directory/ended-with.ts";
import { type DatabaseAccess, type Ended, isTaken, type RunStatement } from "../database-access.ts";
import { appendAudit } from "./append-audit.ts";
import type { Applied, AtVersion } from "./applied.ts";
import { boundImports } from "./bound-imports.ts";
import { currentVersion, raiseVersion, rememberChanges } from "./changes-feed.ts";
import type { DatedWrite } from "./directory-calls.ts";
import { endedWith } from "./ended-with.ts";
import { putApiKey, putSsoConfig, putTenant, putUser } from "./put-entry.ts";
import { removeApiKey, removeSsoConfig, removeTenant, removeUser } from "./remove-entry.ts";
import { endSession, endSessionsOfUser, startSession } from "./user-sessions.ts";

export const writeDirectory = (access: DatabaseAccess, write: DatedWrite): Promise<DirectoryWritten> =>
  access.change((run) => writeWithin(run, write));

async function writeWithin(
  run: RunStatement,
  { changes, audit, auditKeys, epochMs }: DatedWrite,
): Promise<Ended<DirectoryWritten>> {
  const isChange = changes.some(({ type }) => type !== "audit_only");
  const version = await (isChange ? raiseVersion(run, epochMs) : currentVersion(run));
  const moment = { version, epochMs };
  const changed: ChangedEntry[] = [];
  const ended: EndedWith[] = [];
  for (const [at, change] of changes.entries()) {
    const ends = await endedWith(run, change);
    if (ends !== undefined) ended.push(ends);
    const applied = await applyChange(run, change, moment);
    if (applied === "exists") return { keep: false, value: { outcome: applied, at } };
    if (typeof applied === "string") return { keep: false, value: { outcome: applied } };
    changed.push(...applied);
  }
  if (isChange) await rememberChanges(run, changed, moment);
  const entries = audit.map((entry) => withEnded(entry, ended));
  await appendAudit(run, { entries, keys: auditKeys, epochMs });
  return { keep: true, value: { outcome: "written", version } };
}

async function applyChange(run: RunStatement, change: DirectoryChange, at: AtVersion): Promise<Applied> {
  try {
    return await applied(run, change, at);
  } catch (error) {
    if (isTaken(error)) return "exists";
    throw error;
  }
}

async function applied(run: RunStatement, change: DirectoryChange, at: AtVersion): Promise<Applied> {
  switch (change.type) {
    case "put_tenant":
      return putTenant(run, change, at);
    case "put_user":
      return putUser(run, change, at);
    case "put_api_key":
      return putApiKey(run, change, at);
    case "bound_imports":
      return boundImports(run, change);
    case "put_sso_config":
      return putSsoConfig(run, change, at);
    case "delete_tenant":
      return removeTenant(run, change, at);
    case "delete_user":
      return removeUser(run, change, at);
    case "delete_api_key":
      return removeApiKey(run, change);
    case "delete_sso_config":
      return removeSsoConfig(run, change);
    case "start_session":
      return startSession(run, change, at);
    case "end_session":
      return endSession(run, change);
    case "end_sessions_of_user":
      return endSessionsOfUser(run, change);
    case "audit_only":
      return [];
  }
}
