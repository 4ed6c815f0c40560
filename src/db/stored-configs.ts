// The port of what is configured at run time, over a database that is asked method by method.

import type { Clock } from "../core/clock.ts";
import type { AuditKey } from "../core/directory/secrets.ts";
import type { ConfigStore } from "../core/managed/config-store.ts";
import type { ConfigCalls } from "./config-calls.ts";
import { storableValue } from "./storable-text.ts";
import type { CallMethod } from "./thread-calls.ts";

export interface StoredConfigsOptions {
  readonly call: CallMethod<keyof ConfigCalls>;
  readonly clock: Clock;
  readonly auditKeys: () => readonly AuditKey[];
}

export const createStoredConfigs = ({ call, clock, auditKeys }: StoredConfigsOptions): ConfigStore => ({
  version: call("configVersion"),
  read: call("readConfiguration"),
  write: async (seen, change, entry) =>
    call("writeConfiguration")({
      seen,
      change,
      entry: storableValue(entry),
      epochMs: clock.epochMs(),
      auditKeys: auditKeys(),
    }),
});
