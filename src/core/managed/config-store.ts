// The port that keeps what is configured at run time. Every change raises one version, so that whoever changes
// something knows that nobody else has done so since it read.

import type { NewAuditEntry } from "../directory/audit.ts";
import type { JsonObject } from "../json.ts";

/** A text that only the server's secret opens, and only where it was put. */
export interface SealedText {
  /** Names the key that it was sealed with. */
  readonly keyId: string;
  readonly nonce: Uint8Array;
  /** With its tag at the end. */
  readonly ciphertext: Uint8Array;
}

interface StoredEntry {
  readonly name: string;
  /** As an entry of the configuration file has it, with its keys in their order. */
  readonly config: JsonObject;
  readonly draining: boolean;
}

export interface StoredProvider extends StoredEntry {
  /** The members of the configuration that are secrets, as JSON. Absent: it has none. */
  readonly secret: SealedText | undefined;
}

export type StoredRoute = StoredEntry;

/** `version`: of the store when it was changed last. */
export type Versioned<T> = T & { readonly version: number };

export interface StoredConfiguration {
  /** 0: nothing was ever changed. */
  readonly version: number;
  /** In the order in which they were first stored. */
  readonly providers: readonly Versioned<StoredProvider>[];
  readonly routes: readonly Versioned<StoredRoute>[];
}

export type ConfigChange =
  | { readonly type: "put_provider"; readonly provider: StoredProvider }
  | { readonly type: "remove_provider"; readonly name: string }
  | { readonly type: "put_route"; readonly route: StoredRoute }
  | { readonly type: "remove_route"; readonly name: string };

export interface ConfigStore {
  version(): Promise<number>;
  /** All of one version. */
  read(): Promise<StoredConfiguration>;
  /**
   * Makes the change if `seen` is still the version, and writes the entry that tells of it: both, or neither.
   * @returns the new version; undefined where somebody else has changed something
   */
  write(seen: number, change: ConfigChange, entry: NewAuditEntry): Promise<number | undefined>;
}
