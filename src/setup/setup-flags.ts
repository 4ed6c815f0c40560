// The command line of the set-up.

import { parseArgs } from "node:util";
import { flagOf, settingTable } from "../config/setting-table.ts";
import type { EnvValues } from "./env-file.ts";
import { type ProviderVariables, valuesOf } from "./provider-variables.ts";
import { SetupError } from "./setup-error.ts";

/** Absent: not said. */
export interface SetupFlags {
  /** For `.env`. */
  readonly values: EnvValues;
  readonly email: string | undefined;
  readonly name: string | undefined;
  readonly password: string | undefined;
  /** Another key is made where there is one. */
  readonly newKey: boolean;
  /** Nothing is asked. */
  readonly yes: boolean;
  readonly help: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const { authRequired, host, httpPort, grpcPort, databaseUrl } = settingTable;
const settings = [authRequired, host, httpPort, grpcPort, databaseUrl];
const texts = ["admin-email", "admin-name", "admin-password"] as const;
const switches = ["from-environment", "new-key", "yes", "help"] as const;

/** @throws SetupError that repeats no value, as a key may stand in a wrong place */
export function readSetupFlags(
  argv: readonly string[],
  given: { readonly providers: readonly ProviderVariables[]; readonly environment: Environment },
): SetupFlags {
  const ofProviders = given.providers.flatMap(({ all }) => all);
  const variables = [...settings.map(({ variable }) => variable), ...ofProviders];
  const found = parse(argv, [...texts, ...variables.map(flagOf)]);
  const text = (name: string): string | undefined => {
    const value = found[name];
    if (value === "") throw new SetupError(`--${name}: is empty. Give it a value, or leave it out.`);
    return typeof value === "string" ? value : undefined;
  };
  const values: Record<string, string> =
    found["from-environment"] === true ? { ...valuesOf(ofProviders, given.environment) } : {};
  for (const variable of variables) {
    const value = text(flagOf(variable));
    if (value !== undefined) values[variable] = value;
  }
  for (const { variable, kind } of settings) {
    const value = values[variable];
    if (value === undefined || kind.parse(value) !== undefined) continue;
    throw new SetupError(`--${flagOf(variable)}: must be ${kind.allowed}.`);
  }
  return {
    values,
    email: text("admin-email"),
    name: text("admin-name"),
    password: text("admin-password") ?? (given.environment["SLUICE_ADMIN_PASSWORD"] || undefined),
    newKey: found["new-key"] === true,
    yes: found["yes"] === true,
    help: found["help"] === true,
  };
}

/** @throws SetupError */
function parse(argv: readonly string[], names: readonly string[]): Readonly<Record<string, unknown>> {
  const options = Object.fromEntries<{ readonly type: "string" | "boolean" }>([
    ...switches.map((name) => [name, { type: "boolean" }] as const),
    ...names.map((name) => [name, { type: "string" }] as const),
  ]);
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw new SetupError(`${faultOf(error)} \`npm run setup -- --help\` shows the flags.`);
  }
}

function faultOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") {
    return "A value stands alone. Flags begin with --, each with its value behind it.";
  }
  const [reason = ""] = (error instanceof Error ? error.message : "").split(/\. To specify|\n/);
  return `${reason.replace(/\.$/, "")}.`;
}

/** What `--help` prints. */
export function showSetupHelp(providers: readonly ProviderVariables[]): string {
  const width = Math.max(...providers.map(({ kind }) => kind.length));
  const lines = [
    "npm run setup -- [flags], or ./setup-env.sh [flags]",
    "",
    "Writes .env, which it starts from .env.example, and makes the first administrator and the first key.",
    "On a terminal it asks for what no flag says. What .env has already stays.",
    "",
    "  --admin-email <email>        whose the gateway is; without a terminal it has to be given",
    "  --admin-name <name>          absent: what stands before the @",
    "  --admin-password <password>  or SLUICE_ADMIN_PASSWORD; absent: one is made and shown once",
    "  --auth-required true|false   whether callers need a key; absent: true, where nothing is said yet",
    "  --new-key                    makes another key where there is one",
    "  --from-environment           writes into .env, too, what this shell has set for providers",
    "  --yes                        asks nothing",
    "  --help                       shows this",
    "",
    "Settings and providers: each flag writes the variable of its name, --http-port HTTP_PORT.",
    "Other users of this machine may see flags: better give keys by --from-environment, or when asked.",
    "",
    `  ${"gateway".padEnd(width)}  ${flagsOf(settings.slice(1).map(({ variable }) => variable))}`,
    ...providers.map(({ kind, all }) => `  ${kind.padEnd(width)}  ${flagsOf(all)}`),
  ];
  return `${lines.join("\n")}\n`;
}

const flagsOf = (variables: readonly string[]): string =>
  variables.map((variable) => `--${flagOf(variable)}`).join(" ");
