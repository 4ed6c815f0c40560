// Imported keys that are here already, where new ones begin as they do.

import type { FieldFault } from "../errors.ts";
import type { ImportedKeyInput } from "./administration.ts";
import { conflictOn } from "./administration-errors.ts";
import type { Steps } from "./administration-steps.ts";
import { maxImportedOfPrefix } from "./credentials.ts";
import type { FoundKey } from "./directory-store.ts";
import { importFaults } from "./rules/api-key.ts";

export async function knownImports(
  steps: Steps,
  inputs: readonly ImportedKeyInput[],
): Promise<readonly FoundKey[]> {
  const prefixes = [...new Set(inputs.map(({ prefix }) => prefix))];
  const asked = prefixes.filter((prefix) => importFaults({ prefix }).length === 0);
  if (asked.length === 0) return [];
  return steps.ask((store) => store.importedKeys(asked, asked.length * maxImportedOfPrefix));
}

/** A key is found by its prefix, and then compared with so many hashes at most: more of them would not be found. */
export function prefixFaults(
  inputs: readonly ImportedKeyInput[],
  known: readonly FoundKey[],
): readonly FieldFault[] {
  const counts = new Map<string, number>();
  for (const { prefix } of [...known.map(({ apiKey }) => apiKey), ...inputs]) {
    counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  }
  return [...counts].flatMap(([prefix, count]) => {
    if (count <= maxImportedOfPrefix) return [];
    const i = inputs.findIndex((input) => input.prefix === prefix);
    const message = `more than ${maxImportedOfPrefix} imported keys begin with it: give longer beginnings`;
    return [{ field: `keys[${i}].prefix`, message }];
  });
}

/** @throws GatewayError `conflict` for a hash that is here already, or given twice */
export function requireNewHashes(inputs: readonly ImportedKeyInput[], known: readonly FoundKey[]): void {
  const taken = new Set(known.map(({ credential }) => credential.bcryptHash));
  for (const [i, { bcryptHash }] of inputs.entries()) {
    if (taken.has(bcryptHash)) {
      throw conflictOn({ field: `keys[${i}].bcryptHash`, message: "is another key's: leave it out" });
    }
    taken.add(bcryptHash);
  }
}
