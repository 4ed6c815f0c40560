// What binds the entries of a trail to each other: each has a keyed hash over itself and the hash before it, and the
// trail's end is bound by another, so that nothing can be changed, taken out, put in or cut off without the key.
// Where the key changes, an entry also binds the end that it follows on: whoever wrote it may not have had the key of
// that one, and could not tell whether it was made up.

import { createHash, createHmac } from "node:crypto";
import type { AuditEntry, NewAuditEntry } from "../../core/directory/audit.ts";
import type { AuditKey } from "../../core/directory/secrets.ts";
import { canonicalJson } from "../../core/canonical-json.ts";

/** Stands for the hash before the first. */
export const hashBeforeFirst = "0".repeat(64);
/** No entry has it: what follows it is found. */
export const hashOfNone = "f".repeat(64);

/**
 * HMAC-SHA-256 over the hash before, a line feed, and the entry's canonical JSON with its sequence and key id.
 * @returns hexadecimal
 */
export function entryHash(
  key: AuditKey,
  hashBefore: string,
  entry: NewAuditEntry & Pick<AuditEntry, "sequence" | "sealBefore">,
): string {
  const { actor, target, origin } = entry;
  const text = canonicalJson({
    id: entry.id,
    atMs: entry.atMs,
    tenantId: entry.tenantId,
    kind: entry.kind,
    action: entry.action,
    actor: { type: actor.type, id: actor.id },
    target: target === undefined ? undefined : { type: target.type, id: target.id },
    before: entry.before,
    after: entry.after,
    origin: { address: origin.address, correlationId: origin.correlationId },
    count: entry.count,
    sequence: entry.sequence,
    keyId: key.id,
    sealBefore: entry.sealBefore,
  });
  return createHmac("sha256", key.key).update(`${hashBefore}\n${text}`).digest("hex");
}

/** Where a trail ends. */
export interface AuditHead {
  readonly tenantId: string;
  /** Of the last entry; 0: there is none. */
  readonly sequence: number;
  readonly hash: string;
}

export interface SealedHead extends AuditHead {
  readonly keyId: string;
  readonly mac: string;
}

/** @returns hexadecimal */
export function headMac(key: AuditKey, { tenantId, sequence, hash }: AuditHead): string {
  // Begins as no hash does.
  const text = canonicalJson({ tenantId, sequence, hash, keyId: key.id });
  return createHmac("sha256", key.key).update(`head\n${text}`).digest("hex");
}

/** As a gateway that has one of the keys has written it, or not; `unknown`: it bears another key. */
export type Seal = "valid" | "broken" | "unknown";

export function sealOf(head: SealedHead, keys: readonly AuditKey[]): Seal {
  // None is written before its trail's first entry.
  if (head.sequence < 1) return "broken";
  const key = keys.find(({ id }) => id === head.keyId);
  if (key === undefined) return "unknown";
  return headMac(key, head) === head.mac ? "valid" : "broken";
}

/** What is kept of the seal of an end that goes on under another key. With the seal itself it could be set back. */
export const noteOfSeal = ({ keyId, mac }: Pick<SealedHead, "keyId" | "mac">): string =>
  `${keyId}:${createHash("sha256").update(mac).digest("hex")}`;

/** Whether the end had the seal that was noted. */
export function sealOfNote(
  note: string,
  head: AuditHead & Pick<SealedHead, "keyId">,
  keys: readonly AuditKey[],
): Seal {
  const key = keys.find(({ id }) => id === head.keyId);
  if (key === undefined) return note.startsWith(`${head.keyId}:`) ? "unknown" : "broken";
  return note === noteOfSeal({ keyId: key.id, mac: headMac(key, head) }) ? "valid" : "broken";
}
