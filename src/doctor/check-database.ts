// Whether the records can be kept.

import type { DatabaseInspection, InspectedFile } from "../db/database-inspection.ts";
import type { Check, Finding } from "./finding.ts";

const subject = "database";
const littleFreeBytes = 200 * 1024 * 1024;

/** @param inspect rejects with what to mend */
export const checkDatabase = (inspect: () => Promise<DatabaseInspection>): Check => ({
  subject,
  async look() {
    const { place, state, missingMigrations, file } = await inspect();
    const found: Finding[] = [{ subject, ...ofState(place, state, missingMigrations) }];
    if (file !== undefined) found.push(...ofFile(file));
    return found;
  },
});

function ofState(
  place: string,
  state: DatabaseInspection["state"],
  missing: readonly string[],
): Pick<Finding, "verdict" | "text"> {
  if (state === "in_memory") {
    return { verdict: "warn", text: `${place}: what is recorded is lost when the gateway ends.` };
  }
  if (state === "to_be_made") {
    return { verdict: "ok", text: `${place}: the first start makes its tables.` };
  }
  if (missing.length > 0) {
    const text = `${place}: the next start changes its tables (${missing.join(", ")}). Have a backup.`;
    return { verdict: "warn", text };
  }
  return { verdict: "ok", text: `${place}: can be read and written, its tables are up to date.` };
}

function ofFile({ path, mode, freeBytes }: InspectedFile): readonly Finding[] {
  const found: Finding[] = [];
  if (mode !== undefined && (mode & 0o007) !== 0) {
    const text = `Everybody on this machine may open the file, and it may hold what callers wrote. Run chmod o-rwx ${path}.`;
    found.push({ verdict: "warn", subject, text });
  }
  if (freeBytes < littleFreeBytes) {
    const text = `Its disk has ${Math.floor(freeBytes / 1024 / 1024)} MiB left. Make room.`;
    found.push({ verdict: "warn", subject, text });
  }
  return found;
}
