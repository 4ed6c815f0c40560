// The keys and sessions that end with a user or a tenant, as the entry of the deletion tells them. Pure.

import type { NewAuditEntry } from "./audit.ts";
import { auditJson } from "./audit-text.ts";

/** Keys, and sessions, that are named; of more there is only the count. */
export const maxNamed = 100;

/** Each list in the order of ids, with `maxNamed` at most. */
export interface EndedWith {
  readonly target: { readonly type: "user" | "tenant"; readonly id: string };
  readonly apiKeys: readonly { readonly id: string; readonly prefix: string }[];
  readonly apiKeyCount: number;
  readonly sessions: readonly string[];
  readonly sessionCount: number;
}

/** The entry as it was, unless it is about one of those. */
export function withEnded(entry: NewAuditEntry, ended: readonly EndedWith[]): NewAuditEntry {
  const found = ended.find(
    ({ target }) => target.type === entry.target?.type && target.id === entry.target.id,
  );
  if (found === undefined) return entry;
  const { target: _, apiKeys, ...rest } = found;
  const told = auditJson({ apiKeys: apiKeys.map(({ id, prefix }) => ({ id, prefix })), ...rest });
  return { ...entry, before: { ...entry.before, ...told } };
}
