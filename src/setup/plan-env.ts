// What `.env` will hold, and the configuration that follows from it, before anything is written.

import { randomBytes } from "node:crypto";
import type { Configuration } from "../config/configuration.ts";
import { loadConfiguration } from "../config/load-configuration.ts";
import { readSettings } from "../config/read-settings.ts";
import { readSources } from "../config/read-sources.ts";
import { readSecretFile } from "../config/secret/secret-file.ts";
import { isLoopbackHost } from "../core/access/host-name.ts";
import type { KindDefaults } from "../core/kind-defaults.ts";
import { type EnvFile, fillEnvFile } from "./env-file.ts";

export interface PlannedEnv {
  readonly text: string;
  readonly configuration: Configuration;
}

export interface EnvToPlan {
  readonly file: EnvFile;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly kinds: readonly KindDefaults[];
  /** Where a gateway on loopback keeps its secret. */
  readonly secretFile: string;
}

/** @throws ConfigurationError for what the gateway would not start with; SetupError */
export async function planEnv({ file, environment, kinds, secretFile }: EnvToPlan): Promise<PlannedEnv> {
  const settings = await readSettings({ argv: [], environment, dotEnv: fillEnvFile(file) });
  const values = {
    ...(settings.authRequired === undefined ? { AUTH_REQUIRED: "true" } : {}),
    ...(settings.secret === undefined && !isLoopbackHost(settings.host)
      ? // What was made with the one of before goes on being valid.
        { SLUICE_SECRET: readSecretFile(secretFile) ?? randomBytes(32).toString("base64url") }
      : {}),
    ...file.values,
  };
  const text = fillEnvFile({ ...file, values });
  return {
    text,
    configuration: loadConfiguration(await readSources({ argv: [], environment, kinds, dotEnv: text })),
  };
}
