// The statements that claim idempotency keys and keep what became of their runs: the same on every database.

import type { SealedText } from "../core/managed/config-store.ts";
import type { KeyClaim } from "../core/runs/idempotency-store.ts";
import type { ExpiredStep, KeptStanding, KeyOfRun, RemovedKeys } from "../core/runs/kept-keys.ts";
import type { DatabaseAccess, RunStatement } from "./database-access.ts";
import { type RowFields, rowFields } from "./directory/row-fields.ts";
import { storableKey } from "./storable-key.ts";

/** A key may be freed between the claim that did not get it and the look at who has it. */
const mostTries = 5;
/** Of one step: each may have a reply of a mebibyte, and on SQLite all that is written waits for it. */
const longestStep = 50;

/** Each statement in a transaction of its own. */
export async function claimKey(run: RunStatement, claim: KeyClaim, nowMs: number): Promise<KeptStanding> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    if (await takeKey(run, claim, nowMs)) return { state: "claimed" };
    const standing = await readKey(run, claim);
    if (standing !== undefined) return standing;
  }
  throw new Error("The key is taken and freed by others without a pause.");
}

/** One statement: of all who claim a key at once, the others find it taken. */
async function takeKey(run: RunStatement, claim: KeyClaim, nowMs: number): Promise<boolean> {
  const { tenantId, key, requestHash, runId, nodeId, createdAtMs, expiresAtMs } = claim;
  const taken = await run(
    `insert into idempotency_keys (tenant_id, key, request_hash, state, run_id, node_id, created_at, expires_at)
     values (?, ?, ?, 'running', ?, ?, ?, ?)
     on conflict (tenant_id, key) do update set
       request_hash = excluded.request_hash, state = excluded.state, run_id = excluded.run_id,
       node_id = excluded.node_id, created_at = excluded.created_at, expires_at = excluded.expires_at,
       reply_ciphertext = null, reply_nonce = null, reply_key_id = null
     where idempotency_keys.expires_at <= ?
     returning run_id`,
    [tenantId, storableKey(key), requestHash, runId, nodeId, createdAtMs, expiresAtMs, nowMs],
  );
  return taken.length > 0;
}

async function readKey(
  run: RunStatement,
  { tenantId, key }: Pick<KeyClaim, "tenantId" | "key">,
): Promise<KeptStanding | undefined> {
  const [row] = await run(
    `select request_hash, state, run_id, node_id, reply_ciphertext, reply_nonce, reply_key_id
     from idempotency_keys where tenant_id = ? and key = ?`,
    [tenantId, storableKey(key)],
  );
  return row === undefined ? undefined : standingOf(rowFields(row));
}

function standingOf(fields: RowFields): KeptStanding {
  const run = { requestHash: fields.text("request_hash"), runId: fields.text("run_id") };
  return fields.text("state") === "done"
    ? { state: "done", ...run, reply: replyOf(fields) }
    : { state: "running", ...run, nodeId: fields.text("node_id") };
}

function replyOf(fields: RowFields): SealedText | undefined {
  const keyId = fields.textIfAny("reply_key_id");
  if (keyId === undefined) return undefined;
  return { keyId, nonce: fields.bytes("reply_nonce"), ciphertext: fields.bytes("reply_ciphertext") };
}

const ofRun = "tenant_id = ? and key = ? and run_id = ? and state = 'running'";
const placeOf = ({ tenantId, key, runId }: KeyOfRun) => [tenantId, storableKey(key), runId];

export async function finishKey(
  run: RunStatement,
  { reply, ...ofKey }: KeyOfRun & { readonly reply: SealedText | undefined },
): Promise<void> {
  await run(
    `update idempotency_keys set state = 'done', reply_ciphertext = ?, reply_nonce = ?, reply_key_id = ?
     where ${ofRun}`,
    [reply?.ciphertext ?? null, reply?.nonce ?? null, reply?.keyId ?? null, ...placeOf(ofKey)],
  );
}

export async function releaseKey(run: RunStatement, ofKey: KeyOfRun): Promise<void> {
  await run(`delete from idempotency_keys where ${ofRun}`, placeOf(ofKey));
}

/** Each row by itself: gateways that remove the same ones at once never wait for each other in a ring. */
export async function removeExpiredKeys(
  { run, runEach }: Pick<DatabaseAccess, "run" | "runEach">,
  { nowMs, limit }: ExpiredStep,
): Promise<RemovedKeys> {
  const most = Math.min(Math.max(Math.trunc(limit), 1), longestStep);
  const expired = await run(
    "select tenant_id, key from idempotency_keys where expires_at <= ? order by expires_at limit ?",
    [nowMs, most],
  );
  // A key that was claimed anew meanwhile has another time.
  await runEach(
    "delete from idempotency_keys where tenant_id = ? and key = ? and expires_at <= ?",
    expired
      .map((row) => rowFields(row))
      .map((fields) => [fields.text("tenant_id"), fields.text("key"), nowMs]),
  );
  return { keys: expired.length, hasMore: expired.length === most };
}
