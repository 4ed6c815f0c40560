// What the configuration is made from.

import type { KindDefaults } from "../core/kind-defaults.ts";
import type { FileConfiguration } from "./yaml-file.ts";

export interface ConfigurationSources {
  /** By name, as `http-port`. */
  readonly flags: Readonly<Record<string, string>>;
  /** The process's environment over `.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file: { readonly path: string; readonly content: FileConfiguration } | undefined;
  readonly kinds: readonly KindDefaults[];
}
