// One entry of a trail, as it follows on the one before.

import type { AuditEntry } from "../../core/directory/audit.ts";
import type { AuditKey } from "../../core/directory/secrets.ts";
import { entryHash, hashBeforeFirst, sealOfNote } from "./audit-chain.ts";
import { auditColumns, auditEntryOf, auditValues } from "./audit-rows.ts";
import type { RowFields } from "./row-fields.ts";

/** What of an entry the next one follows on. */
export interface AuditLink {
  readonly tenantId: string;
  readonly sequence: number;
  readonly hash: string;
  readonly keyId: string;
}

export const beforeFirst = (tenantId: string): AuditLink => ({
  tenantId,
  sequence: 0,
  hash: hashBeforeFirst,
  keyId: "",
});

export const linkOf = (fields: RowFields): AuditLink => ({
  tenantId: fields.text("tenant_id"),
  sequence: fields.number("sequence"),
  hash: fields.text("hash"),
  keyId: fields.text("key_id"),
});

export const isChanged = (sequence: number): string =>
  `Entry ${sequence} is not as it was written, or not what was written there.`;

/** What can be proven of an entry; the hash of one whose key is not here is taken as it stands. */
export function problemOfEntry(
  fields: RowFields,
  before: AuditLink,
  keys: readonly AuditKey[],
): string | undefined {
  const expected = before.sequence + 1;
  const sequence = fields.number("sequence");
  if (sequence > expected) return `Entry ${expected} is missing.`;
  if (sequence !== expected) return `An entry of the number ${sequence} was put in.`;
  const entry = asWritten(fields);
  if (entry === undefined) return isChanged(sequence);
  const key = keys.find(({ id }) => id === entry.keyId);
  if (key !== undefined && entryHash(key, before.hash, entry) !== entry.hash) return isChanged(sequence);
  const goesOn = sequence > 1 && before.keyId !== entry.keyId;
  const note = entry.sealBefore;
  // An entry that is proven tells which key the one before bore.
  if (goesOn !== (note !== undefined)) return isChanged(key === undefined ? sequence : before.sequence);
  if (note === undefined || sealOfNote(note, before, keys) !== "broken") return undefined;
  return note.startsWith(`${before.keyId}:`)
    ? `The end of the trail, after entry ${before.sequence}, was not as it was written when entry ${sequence} was added.`
    : isChanged(key === undefined ? sequence : before.sequence);
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
