// Where these suites keep tenants, users and keys.

import type { DirectoryStore } from "../../../src/core/directory/directory-store.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { createMemoryDirectory } from "../../support/memory-directory.ts";

export const openDirectory = async (): Promise<DirectoryStore> =>
  createMemoryDirectory({ clock: systemClock });
