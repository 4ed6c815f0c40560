// The heads of the trails. One more counts the trails that were begun, so that a trail which was taken away whole,
// head and all, is missed.

import type { AuditKey } from "../../core/directory/secrets.ts";
import type { RunStatement } from "../database-access.ts";
import { type AuditHead, hashBeforeFirst, headMac, isSealed, type SealedHead } from "./audit-chain.ts";
import { rowFields } from "./row-fields.ts";

/** No tenant's name. Its sequence counts the trails. */
export const trailCount = "*";

const columns = "tenant_id, sequence, hash, key_id, mac";

/** Makes it where there is none, and holds it for the transaction. */
export async function holdHead(run: RunStatement, tenantId: string, epochMs: number): Promise<SealedHead> {
  const [row] = await run(
    `insert into audit_heads (${columns}, created_at, updated_at) values (?, 0, ?, '', '', ?, ?)
     on conflict (tenant_id) do update set updated_at = excluded.updated_at returning ${columns}`,
    [tenantId, hashBeforeFirst, epochMs, epochMs],
  );
  return headOf(row);
}

export async function readHead(run: RunStatement, tenantId: string): Promise<SealedHead | undefined> {
  const [row] = await run(`select ${columns} from audit_heads where tenant_id = ?`, [tenantId]);
  return row === undefined ? undefined : headOf(row);
}

export async function moveHead(run: RunStatement, head: AuditHead, key: AuditKey): Promise<void> {
  await run("update audit_heads set sequence = ?, hash = ?, key_id = ?, mac = ? where tenant_id = ?", [
    head.sequence,
    head.hash,
    key.id,
    headMac(key, head),
    head.tenantId,
  ]);
}

/** A count that somebody else has changed stays so, for `areAllThere` to find. */
export async function countNewTrails(
  run: RunStatement,
  added: number,
  {
    keys,
    key,
    epochMs,
  }: { readonly keys: readonly AuditKey[]; readonly key: AuditKey; readonly epochMs: number },
): Promise<void> {
  const counted = await holdHead(run, trailCount, epochMs);
  if (counted.sequence > 0 && !isSealed(counted, keys)) return;
  await moveHead(run, { ...counted, sequence: counted.sequence + added }, key);
}

/** Whether every trail that was begun has its head. */
export async function areAllThere(run: RunStatement, keys: readonly AuditKey[]): Promise<boolean> {
  const counted = await readHead(run, trailCount);
  const [row] = await run("select count(*) as heads from audit_heads where tenant_id <> ?", [trailCount]);
  const heads = rowFields(row).number("heads");
  if (counted === undefined) return heads === 0;
  return isSealed(counted, keys) && counted.sequence === heads;
}

function headOf(row: unknown): SealedHead {
  const fields = rowFields(row);
  return {
    tenantId: fields.text("tenant_id"),
    sequence: fields.number("sequence"),
    hash: fields.text("hash"),
    keyId: fields.text("key_id"),
    mac: fields.text("mac"),
  };
}
