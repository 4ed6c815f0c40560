// Whether a tenant's imported keys are still few enough, asked in the transaction that adds to them: nobody else adds
// meanwhile, for whoever does waits for the directory's version.

import { maxImportedWaiting } from "../../core/directory/credentials.ts";
import type { DirectoryChange } from "../../core/directory/directory-store.ts";
import { importExcess } from "../../core/directory/import-bounds.ts";
import type { RunStatement } from "../database-access.ts";
import type { Applied } from "./applied.ts";
import { importedPrefixes } from "./find-keys.ts";

export async function boundImports(
  run: RunStatement,
  { tenantId, prefixes }: Extract<DirectoryChange, { type: "bound_imports" }>,
): Promise<Applied> {
  const waiting = await importedPrefixes(run, tenantId, maxImportedWaiting + 1);
  const { tooManyWait, alike } = importExcess(waiting, new Set(prefixes));
  return tooManyWait || alike.size > 0 ? "changed_meanwhile" : [];
}
