// The port of what is configured at run time, over a database that is asked method by method.

import type { Clock } from "../core/clock.ts";
import type { ConfigStore } from "../core/managed/config-store.ts";
import type { ConfigCalls } from "./config-calls.ts";
import type { CallMethod } from "./thread-calls.ts";

export const createStoredConfigs = (call: CallMethod<keyof ConfigCalls>, clock: Clock): ConfigStore => ({
  version: call("configVersion"),
  read: call("readConfiguration"),
  write: async (seen, change) => call("writeConfiguration")({ seen, change, epochMs: clock.epochMs() }),
});
