// How many imported keys of a tenant may wait for their first use, and how many of them may begin alike. Pure.

import { maxImportedAlike, maxImportedWaiting } from "./credentials.ts";
import type { ImportedPrefix } from "./directory-store.ts";

export interface ImportExcess {
  readonly tooManyWait: boolean;
  /**
   * Of the new prefixes: those that begin as too many do, or with which too many begin. A credential is compared with all
   * of the tenant's keys whose prefix it begins with, and those begin with each other: of more than a few not all would
   * be looked at.
   */
  readonly alike: ReadonlySet<string>;
}

/** `waiting`: of all the tenant's keys, the new ones among them. A prefix may come several times. */
export function importExcess(waiting: readonly ImportedPrefix[], added: ReadonlySet<string>): ImportExcess {
  const counts = new Map<string, number>();
  let total = 0;
  for (const { prefix, keys } of waiting) {
    counts.set(prefix, (counts.get(prefix) ?? 0) + keys);
    total += keys;
  }
  return { tooManyWait: total > maxImportedWaiting, alike: tooManyAlike(counts, added) };
}

function tooManyAlike(counts: ReadonlyMap<string, number>, added: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>();
  for (const longest of counts.keys()) {
    let alike = 0;
    let newest: string | undefined;
    for (let length = 1; length <= longest.length; length += 1) {
      const prefix = longest.slice(0, length);
      alike += counts.get(prefix) ?? 0;
      if (added.has(prefix)) newest = prefix;
    }
    if (newest !== undefined && alike > maxImportedAlike) found.add(newest);
  }
  return found;
}
