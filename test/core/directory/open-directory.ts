// Where these suites keep tenants, users and keys.

import type { DirectoryStore } from "../../../src/core/directory/directory-store.ts";
import { createAdminDirectory } from "../../support/admin-directory.ts";

export const openDirectory = async (): Promise<DirectoryStore> => createAdminDirectory(() => Date.now());
