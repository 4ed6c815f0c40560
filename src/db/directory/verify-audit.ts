// Verifies a trail, a page at a time: a long one keeps nobody waiting.

import { type AuditEntry, type AuditVerification, platformTrail } from "../../core/directory/audit.ts";
import type { AuditKey } from "../../core/directory/secrets.ts";
import type { DatabaseAccess, RunStatement } from "../database-access.ts";
import { entryHash, hashBeforeFirst, sealOf } from "./audit-chain.ts";
import { areAllThere, readHead } from "./audit-heads.ts";
import { auditColumns, auditEntryOf, auditValues } from "./audit-rows.ts";
import type { AuditProgress } from "./directory-calls.ts";
import { type RowFields, rowFields } from "./row-fields.ts";
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
    let last = after ?? { sequence: 0, hash: hashBeforeFirst };
    for (const [index, row] of rows.entries()) {
      const fields = rowFields(row, "a_");
      if (index === 0 && fields.number("sequence") === after?.sequence) continue;
      const problem = problemOf(fields, last, auditKeys);
      if (problem !== undefined) return broken(run, tenantId, problem);
      last = { sequence: fields.number("sequence"), hash: fields.text("hash") };
    }
    if (rows.length > pageSize) return { tenantId, auditKeys, after: last };
    const problem = await problemOfEnd(run, { ...last, tenantId }, auditKeys);
    if (problem !== undefined) return broken(run, tenantId, problem);
    return { tenantId, entries: last.sequence, intact: true, problem: undefined };
  });

interface Link {
  readonly sequence: number;
  readonly hash: string;
}

/** Of an entry that follows on another. */
function problemOf(fields: RowFields, last: Link, keys: readonly AuditKey[]): string | undefined {
  const expected = last.sequence + 1;
  const sequence = fields.number("sequence");
  if (sequence > expected) return `Entry ${expected} is missing.`;
  if (sequence !== expected) return `An entry of the number ${sequence} was put in.`;
  const changed = `Entry ${sequence} is not as it was written, or not what was written there.`;
  const entry = asWritten(fields);
  if (entry === undefined) return changed;
  const key = keys.find(({ id }) => id === entry.keyId);
  if (key === undefined) {
    return (
      `Entry ${sequence} was written with the key ${entry.keyId}, which this gateway does not have. Give it the ` +
      "secret of that time as SLUICE_SECRET_PREVIOUS."
    );
  }
  return entryHash(key, last.hash, entry) === entry.hash ? undefined : changed;
}

/** Undefined where a column holds what no gateway writes. */
function asWritten(fields: RowFields): AuditEntry | undefined {
  try {
    const entry = auditEntryOf(fields);
    const written = auditValues(entry);
    const isSame = auditColumns.every((name) => {
      const value = written[name];
      return typeof value === "number"
        ? fields.number(name) === value
        : (fields.textIfAny(name) ?? null) === value;
    });
    return isSame ? entry : undefined;
  } catch {
    return undefined;
  }
}

async function problemOfEnd(
  run: RunStatement,
  last: Link & { readonly tenantId: string },
  keys: readonly AuditKey[],
): Promise<string | undefined> {
  const { tenantId, sequence, hash } = last;
  const head = await readHead(run, tenantId);
  if (head === undefined ? sequence > 0 : sealOf(head, keys) !== "valid") {
    return `The end of the trail, after entry ${sequence}, is not as it was written.`;
  }
  if (head !== undefined && head.sequence > sequence) return `Entry ${sequence + 1} is missing.`;
  if (head !== undefined && (head.sequence < sequence || head.hash !== hash)) {
    return `Entry ${Math.min(head.sequence + 1, sequence)} is behind the end of the trail.`;
  }
  if ((head === undefined || tenantId === platformTrail) && !(await areAllThere(run, keys))) {
    return (
      "Entry 1 of a trail, with all that followed, is missing, or the end of one was changed: not every trail that " +
      "was begun is there."
    );
  }
  return undefined;
}

async function broken(run: RunStatement, tenantId: string, problem: string): Promise<AuditVerification> {
  const [row] = await run("select count(*) as entries from audit_logs where tenant_id = ?", [tenantId]);
  return { tenantId, entries: rowFields(row).number("entries"), intact: false, problem };
}
