// Appends entries to their trails, in the transaction that makes what they tell of.

import { DatabaseError } from "../database-url.ts";
import type { AuditEntry, NewAuditEntry } from "../../core/directory/audit.ts";
import type { AuditKey } from "../../core/directory/secrets.ts";
import type { RunStatement } from "../database-access.ts";
import { entryHash, hashOfNone, noteOfSeal, type SealedHead, sealOf } from "./audit-chain.ts";
import { countNewTrails } from "./audit-count.ts";
import { holdHead, moveHead } from "./audit-heads.ts";
import { auditColumns, auditValues } from "./audit-rows.ts";

/** In one statement. */
const rowsAtOnce = 50;

export interface AuditAppend {
  readonly entries: readonly NewAuditEntry[];
  readonly keys: readonly AuditKey[];
  readonly epochMs: number;
}

export async function appendAudit(run: RunStatement, append: AuditAppend): Promise<void> {
  const { entries, keys, epochMs } = append;
  if (entries.length === 0) return;
  const [key] = keys;
  if (key === undefined)
    throw new DatabaseError("There is no key that the audit trail could be written with.");
  const byTrail = Map.groupBy(entries, ({ tenantId }) => tenantId);
  // In one order, so that no two transactions wait for each other.
  const heads: SealedHead[] = [];
  for (const tenantId of [...byTrail.keys()].sort()) heads.push(await holdHead(run, tenantId, epochMs));
  for (const head of heads) {
    // A trail that was cut, and given another end, must not be made whole by what is added.
    const isBroken = head.sequence !== 0 && sealOf(head, keys) === "broken";
    const after = isBroken ? { ...head, hash: hashOfNone } : head;
    const chained = chain(byTrail.get(head.tenantId) ?? [], { after, key });
    await insertEntries(run, chained);
    const last = chained.at(-1);
    if (last !== undefined) await moveHead(run, last, key);
  }
  const added = heads.filter(({ sequence }) => sequence === 0).length;
  if (added > 0) await countNewTrails(run, added, { keys, key, epochMs });
}

function chain(
  entries: readonly NewAuditEntry[],
  { after, key }: { readonly after: SealedHead; readonly key: AuditKey },
): readonly AuditEntry[] {
  let { sequence, hash } = after;
  let sealBefore = sequence === 0 || after.keyId === key.id ? undefined : noteOfSeal(after);
  return entries.map((entry) => {
    sequence += 1;
    const numbered = { ...entry, sequence, sealBefore };
    hash = entryHash(key, hash, numbered);
    sealBefore = undefined;
    return { ...numbered, hash, keyId: key.id };
  });
}

async function insertEntries(run: RunStatement, entries: readonly AuditEntry[]): Promise<void> {
  const marks = `(${auditColumns.map(() => "?").join()})`;
  for (let i = 0; i < entries.length; i += rowsAtOnce) {
    const rows = entries.slice(i, i + rowsAtOnce).map(auditValues);
    await run(
      `insert into audit_logs (${auditColumns.join()}) values ${rows.map(() => marks).join()}`,
      rows.flatMap((row) => auditColumns.map((name) => row[name] ?? null)),
    );
  }
}
