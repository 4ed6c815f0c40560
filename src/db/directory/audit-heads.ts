// The heads of the trails. One more counts the trails that were begun, so that a trail which was taken away whole,
// head and all, is missed.

import type { AuditKey } from "../../core/directory/secrets.ts";
import type { RunStatement } from "../database-access.ts";
import { type AuditHead, hashBeforeFirst, headMac, type SealedHead, sealOf } from "./audit-chain.ts";
import { rowFields } from "./row-fields.ts";

/** No tenant's name. Its sequence counts the trails. */
const trailCount = "*";

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

/**
 * Whether what is added may follow on it. One that a gateway with another key has written, as while the server's
 * secret is being changed, has to bear the key of the entry that it speaks of: that one is verified later.
 */
export async function maySucceed(
  run: RunStatement,
  head: SealedHead,
  keys: readonly AuditKey[],
): Promise<boolean> {
  const seal = sealOf(head, keys);
  if (seal !== "unknown" || head.sequence === 0) return seal === "valid" || head.sequence === 0;
  const last = await run(
    "select 1 as found from audit_logs where tenant_id = ? and sequence = ? and hash = ? and key_id = ?",
    [head.tenantId, head.sequence, head.hash, head.keyId],
  );
  return last.length > 0;
}

/** A count that somebody else has changed stays as it is, for `areAllThere` to find. */
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
  if (counted.sequence > 0) {
    const seal = sealOf(counted, keys);
    if (seal === "broken" || (seal === "unknown" && !(await isKeyOfTrail(run, counted.keyId)))) return;
  }
  await moveHead(run, { ...counted, sequence: counted.sequence + added }, key);
}

const isKeyOfTrail = async (run: RunStatement, keyId: string): Promise<boolean> => {
  const text = "select 1 as found from audit_heads where key_id = ? and tenant_id <> ? limit 1";
  return (await run(text, [keyId, trailCount])).length > 0;
};

/** Whether every trail that was begun has its head, and that as it was written. */
export async function areAllThere(run: RunStatement, keys: readonly AuditKey[]): Promise<boolean> {
  const heads = (await run(`select ${columns} from audit_heads`, [])).map(headOf);
  const counted = heads.find(({ tenantId }) => tenantId === trailCount);
  const trails = heads.length - (counted === undefined ? 0 : 1);
  return trails === (counted?.sequence ?? 0) && heads.every((head) => sealOf(head, keys) === "valid");
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
