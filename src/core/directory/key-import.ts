// Keys of another gateway, by their bcrypt hashes: all of them are taken, or none.

import type { Principal } from "../access/principal.ts";
import { type FieldFault, invalidRequest } from "../errors.ts";
import type { Administration, ImportedKeyInput } from "./administration.ts";
import type { Steps } from "./administration-steps.ts";
import { aboutKey } from "./api-key-steps.ts";
import { requireEnvironment, requireHeld } from "./authority.ts";
import type { DirectoryChange } from "./directory-store.ts";
import type { ApiKey } from "./entries.ts";
import { ownerOf } from "./key-owner.ts";
import { prefixFaults } from "./known-imports.ts";
import { requireOwnTenant } from "./listed-tenant.ts";
import { newKey, plannedKey } from "./planned.ts";
import { asWritten } from "./read-by-id.ts";
import { importFaults, keyFaults } from "./rules/api-key.ts";
import { refuse } from "./rules/faults.ts";
import { oneSpelling } from "./rules/imported-key.ts";
import { type PlannedKeyOfUser, requireWayBack } from "./way-back.ts";

const maxKeys = 100;
const importedEnvironment = "live";

interface ImportedKey extends PlannedKeyOfUser {
  /** Of which there is one: whoever imported another tenant's would be served as that one's key. */
  readonly bcryptHash: string;
  readonly faults: readonly FieldFault[];
}

export const importingKeys =
  (steps: Steps): Administration["importApiKeys"] =>
  async (by, { tenantId = by.tenantId, keys: inputs }) => {
    steps.permit(by, "importApiKeys");
    requireEnvironment(steps, by, importedEnvironment);
    for (const { permissions } of inputs) requireHeld(steps, by, permissions ?? newKey.permissions);
    requireOwnTenant(by, tenantId);
    if (inputs.length === 0 || inputs.length > maxKeys) {
      throw invalidRequest("keys", `has ${inputs.length} keys; 1 to ${maxKeys} are allowed`);
    }
    const keys: ImportedKey[] = [];
    for (const [i, input] of inputs.entries()) keys.push(await plannedImport(steps, { tenantId, input, i }));
    const faults = keys.flatMap((key) => key.faults);
    refuse([...faults, ...(await prefixFaults(steps, tenantId, inputs))]);
    await requireWayBack(steps, by, keys);
    return written(steps, by, { tenantId, keys });
  };

async function plannedImport(
  steps: Steps,
  { tenantId, input, i }: { readonly tenantId: string; readonly input: ImportedKeyInput; readonly i: number },
): Promise<ImportedKey> {
  const { prefix, bcryptHash } = input;
  const start = { ...newKey, id: steps.newId(), tenantId, environment: importedEnvironment, prefix } as const;
  const key = plannedKey(start, input);
  const owner = await ownerOf(steps, key);
  const faults = [
    ...importFaults(input),
    ...keyFaults(input, { planned: key, nowMs: steps.nowMs() }),
    ...owner.faults,
  ].map(({ field, message }) => ({ field: `keys[${i}].${field}`, message }));
  return { key, user: owner.user, bcryptHash: oneSpelling(bcryptHash), faults };
}

const putImported = ({ key, bcryptHash }: ImportedKey): DirectoryChange => ({
  type: "put_api_key",
  apiKey: key,
  credential: { hash: undefined, previousHash: undefined, bcryptHash },
  seen: undefined,
});

async function written(
  steps: Steps,
  by: Principal,
  { tenantId, keys }: { readonly tenantId: string; readonly keys: readonly ImportedKey[] },
): Promise<readonly ApiKey[]> {
  const prefixes = keys.map(({ key }) => key.prefix);
  const version = await steps.write(by, {
    changes: [...keys.map(putImported), { type: "bound_imports", tenantId, prefixes }],
    audit: keys.map(({ key }) => ({ ...aboutKey("import", key), after: key })),
    taken: (i) => ({ field: `keys[${i}].bcryptHash`, message: "is another key's: leave it out" }),
    meanwhile: {
      field: "keys",
      message: "with others that were imported at the same moment there would be too many: try again",
    },
  });
  const nowMs = steps.nowMs();
  const times = { createdAtMs: nowMs, updatedAtMs: nowMs, lastUsedAtMs: undefined };
  return asWritten(
    keys.map(({ key }) => ({ ...key, ...times, version })),
    (ids) => steps.ask((store) => store.apiKeysById(ids)),
  );
}
