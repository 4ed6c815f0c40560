// Where these suites keep tenants, users and keys.

import { onTestFinished } from "vitest";
import type { DirectoryStore } from "../../../src/core/directory/directory-store.ts";
import { createDatabase } from "../../../src/db/database.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createMemoryDirectory } from "../../support/memory-directory.ts";

/** All of these suites hold on each; on a database a test takes half a second. */
export const directories = ["memory", "SQLite"] as const;

export async function openDirectory(on: (typeof directories)[number] = "memory"): Promise<DirectoryStore> {
  if (on === "memory") return createMemoryDirectory({ clock: systemClock });
  const database = await createDatabase({
    url: "sqlite::memory:",
    bodyKeepMaxBytes: 1_000,
    queueMax: 100,
    clock: systemClock,
    warn: (message) => {
      throw new Error(message);
    },
    auditKeys: () => [{ id: "k1", key: new Uint8Array(32) }],
  });
  onTestFinished(() => database.close());
  return database.directory;
}
