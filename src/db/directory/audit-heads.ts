// The heads of the trails: where each ends.

import type { AuditKey } from "../../core/directory/secrets.ts";
import type { RunStatement } from "../database-access.ts";
import { type AuditHead, hashBeforeFirst, headMac, type SealedHead } from "./audit-chain.ts";
import { rowFields } from "./row-fields.ts";

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

export const readHeads = async (run: RunStatement): Promise<readonly SealedHead[]> =>
  (await run(`select ${columns} from audit_heads`, [])).map(headOf);

export async function moveHead(run: RunStatement, head: AuditHead, key: AuditKey): Promise<void> {
  await run("update audit_heads set sequence = ?, hash = ?, key_id = ?, mac = ? where tenant_id = ?", [
    head.sequence,
    head.hash,
    key.id,
    headMac(key, head),
    head.tenantId,
  ]);
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
