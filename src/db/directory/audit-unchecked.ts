// What of a trail cannot be checked, as its key is not here: no fault of the trail, and no proof of it.

import type { AuditKey } from "../../core/directory/secrets.ts";
import type { AuditLink } from "./audit-link.ts";

/** The first entries without their key; how many others there are. */
export interface UncheckedEntries {
  readonly from: number;
  readonly to: number;
  readonly keyId: string;
  readonly others: number;
}

export function withEntry(
  unchecked: UncheckedEntries | undefined,
  { sequence, keyId }: AuditLink,
  keys: readonly AuditKey[],
): UncheckedEntries | undefined {
  if (keys.some(({ id }) => id === keyId)) return unchecked;
  if (unchecked === undefined) return { from: sequence, to: sequence, keyId, others: 0 };
  const isNext = unchecked.keyId === keyId && unchecked.to === sequence - 1;
  return isNext ? { ...unchecked, to: sequence } : { ...unchecked, others: unchecked.others + 1 };
}

const help = "Give the gateway the secret of that time in SLUICE_SECRET_PREVIOUS.";

export function uncheckedText(
  entries: UncheckedEntries | undefined,
  keysOfTrails: readonly string[],
): string | undefined {
  const parts = [
    ...(entries === undefined ? [] : [textOfEntries(entries)]),
    ...(keysOfTrails.length === 0 ? [] : [textOfTrails(keysOfTrails)]),
  ];
  return parts.length === 0 ? undefined : [...parts, help].join(" ");
}

function textOfEntries({ from, to, keyId, others }: UncheckedEntries): string {
  const which = from === to ? `Entry ${from}` : `Entries ${from} to ${to}`;
  const more = others === 0 ? "" : ` Nor can ${others} more entries, of that key or another.`;
  return `${which}, and whether more followed there, cannot be checked: the key ${keyId} is not here.${more}`;
}

const textOfTrails = (keyIds: readonly string[]): string =>
  "Whether every trail of this gateway is there, and ends as it was written, cannot be checked: " +
  (keyIds.length === 1
    ? `the key ${keyIds.join()} is not here.`
    : `the keys ${keyIds.join(", ")} are not here.`);
