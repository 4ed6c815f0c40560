// Imported keys of the tenant that are here already, where new ones begin as they do.

import type { FieldFault } from "../errors.ts";
import type { ImportedKeyInput } from "./administration.ts";
import type { Steps } from "./administration-steps.ts";
import { maxImportedAlike, maxImportedWaiting } from "./credentials.ts";
import { importFaults } from "./rules/api-key.ts";

/**
 * A credential is compared with all of the tenant's keys whose prefix it begins with, and those begin with each other:
 * of more than a few not all would be looked at.
 */
export async function prefixFaults(
  steps: Steps,
  tenantId: string,
  inputs: readonly ImportedKeyInput[],
): Promise<readonly FieldFault[]> {
  const waiting = await steps.ask((store) => store.importedPrefixes(tenantId, maxImportedWaiting));
  const counts = new Map<string, number>();
  let total = 0;
  const added = inputs.map(({ prefix }) => prefix).filter((prefix) => importFaults({ prefix }).length === 0);
  for (const { prefix, keys } of [...waiting, ...added.map((prefix) => ({ prefix, keys: 1 }))]) {
    counts.set(prefix, (counts.get(prefix) ?? 0) + keys);
    total += keys;
  }
  if (total > maxImportedWaiting) {
    const message = `the tenant would have more than ${maxImportedWaiting} that have never been used: delete some of them first`;
    return [{ field: "keys", message }];
  }
  const alike = tooManyAlike(counts, new Set(added));
  return [...new Set(added)].flatMap((prefix) => {
    if (!alike.has(prefix)) return [];
    const i = inputs.findIndex((input) => input.prefix === prefix);
    const message = `more than ${maxImportedAlike} of the tenant's imported keys begin alike: give longer beginnings`;
    return [{ field: `keys[${i}].prefix`, message }];
  });
}

/** Of the new prefixes: those that begin as too many do, or with which too many begin. */
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
