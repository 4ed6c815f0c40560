import type { DirectoryStore } from "../core/directory/directory-store.ts";
import type { ConfigStore } from "../core/managed/config-store.ts";
import type { KeptKeys } from "../core/runs/kept-keys.ts";
import type { RecordStore } from "./record-store.ts";

/** All that a database does, whichever it is. */
export interface DatabaseStore extends RecordStore {
  readonly configs: ConfigStore;
  readonly directory: DirectoryStore;
  readonly idempotency: KeptKeys;
}
