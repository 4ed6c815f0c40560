// The version that rises with each change of the directory, and what was changed by the newest of them: other
// gateways read here what they have to forget.

import type { ChangedEntry, DirectoryChanges } from "../../core/directory/directory-store.ts";
import type { RunStatement } from "../database-access.ts";
import { rowFields } from "./row-fields.ts";

const keptVersions = 10_000;
/** More than these at once tell nothing that forgetting all does not. */
const maxChanges = 10_000;
/** In one statement. */
const rowsAtOnce = 100;

/** Whoever changes something does this first, and so waits for others who do. */
export async function raiseVersion(run: RunStatement, epochMs: number): Promise<number> {
  return versionOf(
    await run("update directory_version set version = version + 1, updated_at = ? returning version", [
      epochMs,
    ]),
  );
}

export const currentVersion = async (run: RunStatement): Promise<number> =>
  versionOf(await run("select version from directory_version", []));

function versionOf([row]: readonly unknown[]): number {
  if (row === undefined) throw new Error("The table directory_version has no row.");
  return rowFields(row).number("version");
}

export async function rememberChanges(
  run: RunStatement,
  changed: readonly ChangedEntry[],
  { version, epochMs }: { readonly version: number; readonly epochMs: number },
): Promise<void> {
  for (let i = 0; i < changed.length; i += rowsAtOnce) {
    const rows = changed.slice(i, i + rowsAtOnce);
    await run(
      `insert into directory_changes (version, kind, id, created_at, updated_at)
       values ${rows.map(() => "(?, ?, ?, ?, ?)").join()} on conflict do nothing`,
      rows.flatMap(({ kind, id }) => [version, kind, id, epochMs, epochMs]),
    );
  }
  await run("delete from directory_changes where version <= ?", [version - keptVersions]);
}

export async function changesSince(run: RunStatement, since: number): Promise<DirectoryChanges> {
  // One statement sees one state.
  const rows = await run(
    `select v.version as version, c.kind as kind, c.id as id from directory_version v
     left join directory_changes c on c.version > ? limit ${maxChanges + 1}`,
    [since],
  );
  const version = versionOf(rows);
  // A database that was restored is behind what was seen of it.
  if (since > version || since < version - keptVersions || rows.length > maxChanges) {
    return { version, changed: "unknown" };
  }
  const changed = rows.map((row) => rowFields(row)).filter((fields) => fields.textIfAny("id") !== undefined);
  return {
    version,
    changed: changed.map((fields) => ({ kind: fields.oneOf("kind", isKind), id: fields.text("id") })),
  };
}

const isKind = (text: string): text is ChangedEntry["kind"] =>
  text === "tenant" || text === "user" || text === "api_key" || text === "session";
