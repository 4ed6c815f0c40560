// What the set-up is told, by flags or by answers.

import { parseArgs } from "node:util";
import type { KindDefaults } from "../core/kind-defaults.ts";
import { flagOf } from "../config/setting-table.ts";
import type { EnvValues } from "./env-file.ts";

export interface SetupAnswers {
  /** For `.env`. */
  readonly values: EnvValues;
  readonly admin: { readonly email: string; readonly name: string; readonly password: string | undefined };
}

/** Absent: not said. */
export interface SetupFlags {
  readonly values: EnvValues;
  readonly email: string | undefined;
  readonly name: string | undefined;
  readonly password: string | undefined;
  /** Nothing is asked. */
  readonly yes: boolean;
}

/** What is wrong with the command line, and what is allowed. */
export class SetupError extends Error {
  override readonly name = "SetupError";
}

/** Variables that a provider may be set up by: its key, and its address where it has no key. */
export const providerVariables = (kinds: readonly KindDefaults[]): readonly string[] =>
  kinds.flatMap(({ env }) =>
    env === undefined ? [] : env.loadedBy === "baseUrl" ? [env.baseUrl, env.apiKey] : [env.apiKey],
  );

/**
 * `--openai-api-key sk-…` and its like, `--auth-required true|false`, `--admin-email`, `--admin-name`,
 * `--admin-password` (or `SLUICE_ADMIN_PASSWORD`, which other users of the machine do not see), `--yes`.
 * @throws SetupError
 */
export function readSetupFlags(
  argv: readonly string[],
  {
    kinds,
    environment,
  }: {
    readonly kinds: readonly KindDefaults[];
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
): SetupFlags {
  const variables = [...providerVariables(kinds), "AUTH_REQUIRED"];
  const text = { type: "string" } as const;
  const names = ["admin-email", "admin-name", "admin-password", ...variables.map(flagOf)];
  const options = {
    yes: { type: "boolean" },
    ...Object.fromEntries(names.map((name) => [name, text])),
  } as const;
  let found: Readonly<Record<string, unknown>>;
  try {
    found = parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\. To specify[^]*$/, ".") : "";
    throw new SetupError(`${reason} There are: --yes, --${names.join(", --")}.`);
  }
  const given = (name: string): string | undefined => {
    const value = found[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const values = variables.flatMap((variable) => {
    const value = given(flagOf(variable));
    return value === undefined ? [] : [[variable, value] as const];
  });
  const authRequired = given("auth-required");
  if (authRequired !== undefined && authRequired !== "true" && authRequired !== "false") {
    throw new SetupError(`--auth-required: must be true or false; found "${authRequired.slice(0, 80)}".`);
  }
  return {
    values: Object.fromEntries(values),
    email: given("admin-email"),
    name: given("admin-name"),
    password: given("admin-password") ?? (environment["SLUICE_ADMIN_PASSWORD"] || undefined),
    yes: found["yes"] === true,
  };
}

/** Without a question. @throws SetupError for what cannot be guessed */
export function answersOfFlags({ values, email, name, password }: SetupFlags): SetupAnswers {
  if (email === undefined) {
    throw new SetupError("--admin-email: is missing. Say whose email the first administrator has.");
  }
  return {
    values: { AUTH_REQUIRED: "true", ...values },
    admin: { email, name: name ?? nameOfEmail(email), password },
  };
}

export const nameOfEmail = (email: string): string => email.split("@", 1)[0] ?? email;
