// Verifies a trail, a page at a time: a long one keeps nobody waiting. What is provably at fault is told first; what
// cannot be checked, as its key is not here, apart from it.

import type { AuditVerification } from "../../core/directory/audit.ts";
import type { AuditKey } from "../../core/directory/secrets.ts";
import type { DatabaseAccess, RunStatement } from "../database-access.ts";
import { sealOf } from "./audit-chain.ts";
import { findTrails } from "./audit-count.ts";
import { readHead } from "./audit-heads.ts";
import { type AuditLink, beforeFirst, isChanged, linkOf, problemOfEntry } from "./audit-link.ts";
import { auditColumns } from "./audit-rows.ts";
import { uncheckedText, withEntry } from "./audit-unchecked.ts";
import type { AuditProgress } from "./directory-calls.ts";
import { rowFields } from "./row-fields.ts";
import { selected } from "./tables.ts";

/** A thousand would hold up calls for 60 ms, where they are served beside. */
const pageSize = 200;
/** Before what anybody may have put in. */
const least = "-9223372036854775808";

export const verifyAuditPage = (
  access: DatabaseAccess,
  progress: AuditProgress,
): Promise<AuditProgress | AuditVerification> =>
  access.snapshot(async (run) => {
    const { tenantId, auditKeys, after } = progress;
    // The last one again: another of its number is found behind it.
    const rows = await run(
      `select ${selected("a", auditColumns)} from audit_logs a where a.tenant_id = ? and a.sequence >= ?
       order by a.sequence limit ${pageSize + 1}`,
      [tenantId, after?.sequence ?? least],
    );
    let last = after ?? beforeFirst(tenantId);
    let { unchecked } = progress;
    for (const [index, row] of rows.entries()) {
      const fields = rowFields(row, "a_");
      if (index === 0 && fields.number("sequence") === after?.sequence) continue;
      const problem = problemOfEntry(fields, last, auditKeys);
      if (problem !== undefined)
        return broken(run, { tenantId, problem, unchecked: uncheckedText(unchecked, []) });
      last = linkOf(fields);
      unchecked = withEntry(unchecked, last, auditKeys);
    }
    if (rows.length > pageSize) return { tenantId, auditKeys, after: last, unchecked };
    const trails = await findTrails(run, auditKeys);
    const notChecked = uncheckedText(unchecked, trails.missingKeys);
    const problem =
      (await problemOfEnd(run, last, auditKeys)) ?? (trails.isBroken ? someTrailIsMissing : undefined);
    if (problem !== undefined) return broken(run, { tenantId, problem, unchecked: notChecked });
    const intact = notChecked === undefined ? true : undefined;
    return { tenantId, entries: last.sequence, intact, problem, unchecked: notChecked };
  });

/** Of none by its name: whoever asks may not know the others. One that is gone may be the one that begins here. */
const someTrailIsMissing =
  "Some trail of this gateway is missing whole, or the end of one was changed. What is missing may have stood on this " +
  "trail before its first entry.";

async function problemOfEnd(
  run: RunStatement,
  { tenantId, sequence, hash, keyId }: AuditLink,
  keys: readonly AuditKey[],
): Promise<string | undefined> {
  const changed = `The end of the trail, after entry ${sequence}, is not as it was written.`;
  const head = await readHead(run, tenantId);
  if (head === undefined) return sequence > 0 ? changed : undefined;
  const seal = sealOf(head, keys);
  if (seal === "broken") return changed;
  if (head.sequence > sequence) return `Entry ${sequence + 1} is missing.`;
  if (head.sequence < sequence || head.hash !== hash) {
    return `Entry ${Math.min(head.sequence + 1, sequence)} is behind the end of the trail.`;
  }
  if (head.keyId === keyId) return undefined;
  return seal === "valid" ? isChanged(sequence) : changed;
}

async function broken(
  run: RunStatement,
  found: Pick<AuditVerification, "tenantId" | "problem" | "unchecked">,
): Promise<AuditVerification> {
  const text = "select count(*) as entries from audit_logs where tenant_id = ?";
  const [row] = await run(text, [found.tenantId]);
  return { ...found, entries: rowFields(row).number("entries"), intact: false };
}
