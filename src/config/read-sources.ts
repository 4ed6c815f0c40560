// Reads what the configuration is made from: command line, environment, `.env` and the YAML file.

import { existsSync, readFileSync } from "node:fs";
import { parseArgs, parseEnv } from "node:util";
import type { KindDefaults } from "../core/kind-defaults.ts";
import { ConfigurationError } from "./configuration.ts";
import type { ConfigurationSources } from "./configuration-sources.ts";

const defaultFile = "sluice.yaml";

/** @throws ConfigurationError */
export async function readSources(options: {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly kinds: readonly KindDefaults[];
  /** What `.env` is going to hold; absent: what it holds. */
  readonly dotEnv?: string | undefined;
}): Promise<ConfigurationSources> {
  const { kinds } = options;
  const dotEnv = options.dotEnv ?? (existsSync(".env") ? readText(".env") : "");
  const environment = { ...parseEnv(dotEnv), ...options.environment };
  const { config, ...flags } = readFlags(options.argv);
  // Empty is not set, as with every variable.
  const named = config ?? (environment["SLUICE_CONFIG"] || undefined);
  const path = named ?? (existsSync(defaultFile) ? defaultFile : undefined);
  if (path === undefined) return { flags, environment, kinds, file: undefined };
  // What reads YAML takes longer to load than all else that is configured.
  const { parseYamlFile } = await import("./yaml-file.ts");
  const content = parseYamlFile(readText(path), { path, environment });
  return { flags, environment, kinds, file: { path, content } };
}

/** `--name value` and `--name=value`, whatever the name: which names there are is checked later. */
function readFlags(argv: readonly string[]): Record<string, string> {
  const flags: Record<string, string> = {};
  const { tokens } = parseArgs({ args: [...argv], strict: false, tokens: true });
  for (const [i, token] of tokens.entries()) {
    if (token.kind === "option") {
      const next = tokens[i + 1];
      const value = token.value ?? (next?.kind === "positional" ? next.value : undefined);
      if (value === undefined) throw new ConfigurationError(`--${token.name}: needs a value.`);
      flags[token.name] = value;
    } else if (token.kind === "positional" && tokens[i - 1]?.kind !== "option") {
      throw new ConfigurationError(`"${token.value}": is no flag. Flags begin with --.`);
    }
  }
  return flags;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : "unknown reason";
    throw new ConfigurationError(`${path}: cannot be read: ${reason}`, { cause });
  }
}
