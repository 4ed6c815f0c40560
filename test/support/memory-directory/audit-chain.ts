// The chain of a trail's entries: each holds the one before it.

import { createHmac } from "node:crypto";
import type {
  AuditEntry,
  AuditQuery,
  AuditVerification,
  NewAuditEntry,
} from "../../../src/core/directory/audit.ts";
import { epochMsOfId } from "../../../src/core/ids.ts";
import type { AuditKey } from "../../../src/core/directory/secrets.ts";
import type { State } from "./state.ts";

export function appendEntries(state: State, entries: readonly NewAuditEntry[], key: AuditKey): void {
  for (const entry of entries) {
    const last = state.audit.findLast(({ tenantId }) => tenantId === entry.tenantId);
    const sequence = (last?.sequence ?? 0) + 1;
    const hash = hashOf(entry, { sequence, last, key });
    state.audit.push({ ...entry, sequence, keyId: key.id, hash, sealBefore: undefined });
  }
}

const is = (asked: string | undefined, found: string | undefined) => asked === undefined || asked === found;

/** The newest first, or on from a sequence. */
export const matching = (audit: readonly AuditEntry[], query: AuditQuery): readonly AuditEntry[] =>
  (query.afterSequence === undefined ? audit.toReversed() : audit).filter((entry) => {
    const { tenantId, kind, action, actorId, targetId, fromMs = 0, toMs = Number.POSITIVE_INFINITY } = query;
    const writtenMs = epochMsOfId(entry.id);
    return (
      is(tenantId, entry.tenantId) &&
      is(kind, entry.kind) &&
      is(action, entry.action) &&
      is(actorId, entry.actor.id) &&
      is(targetId, entry.target?.id) &&
      writtenMs >= fromMs &&
      writtenMs < toMs &&
      entry.sequence > (query.afterSequence ?? 0)
    );
  });

export function verifyTrail(
  audit: readonly AuditEntry[],
  { tenantId, keys }: { readonly tenantId: string; readonly keys: readonly AuditKey[] },
): AuditVerification {
  const trail = audit.filter((entry) => entry.tenantId === tenantId);
  let last: AuditEntry | undefined;
  for (const [index, entry] of trail.entries()) {
    const key = keys.find(({ id }) => id === entry.keyId);
    const { sequence, hash, keyId: _, sealBefore: __, ...written } = entry;
    const isRight =
      key !== undefined && sequence === index + 1 && hash === hashOf(written, { sequence, last, key });
    if (!isRight) {
      const problem = `Entry ${sequence} is not as it was written.`;
      return { tenantId, entries: trail.length, intact: false, problem, unchecked: undefined };
    }
    last = entry;
  }
  return { tenantId, entries: trail.length, intact: true, problem: undefined, unchecked: undefined };
}

const hashOf = (
  entry: NewAuditEntry,
  place: { readonly sequence: number; readonly last: AuditEntry | undefined; readonly key: AuditKey },
): string =>
  createHmac("sha256", place.key.key)
    .update(JSON.stringify([place.sequence, place.last?.hash ?? "", sorted(entry)]))
    .digest("hex");

const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === "object" && value !== null
      ? Object.entries(value)
          .filter(([, member]) => member !== undefined)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, member]) => [name, sorted(member)])
      : value;
