// Imported keys of the tenant that are here already, where new ones begin as they do.

import type { FieldFault } from "../errors.ts";
import type { ImportedKeyInput } from "./administration.ts";
import type { Steps } from "./administration-steps.ts";
import { maxImportedAlike, maxImportedWaiting } from "./credentials.ts";
import { importExcess } from "./import-bounds.ts";
import { importFaults } from "./rules/api-key.ts";

/** What others import meanwhile is seen by the write. */
export async function prefixFaults(
  steps: Steps,
  tenantId: string,
  inputs: readonly ImportedKeyInput[],
): Promise<readonly FieldFault[]> {
  const here = await steps.ask((store) => store.importedPrefixes(tenantId, maxImportedWaiting));
  const prefixes = inputs
    .map(({ prefix }) => prefix)
    .filter((prefix) => importFaults({ prefix }).length === 0);
  const added = new Set(prefixes);
  const waiting = [...here, ...prefixes.map((prefix) => ({ prefix, keys: 1 }))];
  const { tooManyWait, alike } = importExcess(waiting, added);
  if (tooManyWait) {
    const message = `the tenant would have more than ${maxImportedWaiting} that have never been used: delete some of them first`;
    return [{ field: "keys", message }];
  }
  return [...added].flatMap((prefix) => {
    if (!alike.has(prefix)) return [];
    const i = inputs.findIndex((input) => input.prefix === prefix);
    const message = `more than ${maxImportedAlike} of the tenant's imported keys begin alike: give longer beginnings`;
    return [{ field: `keys[${i}].prefix`, message }];
  });
}
