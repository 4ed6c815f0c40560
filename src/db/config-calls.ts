// What is configured at run time, as it is asked of a database, whichever it is.

import type { StoredConfiguration } from "../core/managed/config-store.ts";
import { type DatedChange, readConfiguration, readVersion, writeChange } from "./config-statements.ts";
import type { DatabaseAccess } from "./database-access.ts";

export interface ConfigCalls {
  configVersion(): Promise<number>;
  readConfiguration(): Promise<StoredConfiguration>;
  writeConfiguration(change: DatedChange): Promise<number | undefined>;
}

export const createConfigCalls = (access: DatabaseAccess): ConfigCalls => ({
  configVersion: () => readVersion(access.run),
  readConfiguration: () => access.snapshot(readConfiguration),
  writeConfiguration: (change) =>
    access.change(async (run) => {
      const version = await writeChange(run, change);
      return { keep: version !== undefined, value: version };
    }),
});
