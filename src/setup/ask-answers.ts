// The questions of the set-up, on a terminal.

import type * as clack from "@clack/prompts";
import { emailFault } from "../core/directory/rules/email.ts";
import { passwordFault } from "../core/directory/rules/password.ts";
import type { EnvValues } from "./env-file.ts";
import { type ProviderVariables, valuesOf } from "./provider-variables.ts";
import { type Administrator, nameOfEmail, type SetupAnswers } from "./setup-answers.ts";
import type { SetupFlags } from "./setup-flags.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Prompts = typeof clack;

export interface Asking {
  readonly flags: SetupFlags;
  readonly providers: readonly ProviderVariables[];
  /** What `.env` has already. */
  readonly known: Environment;
  /** What this shell has. */
  readonly environment: Environment;
  /** Whether callers need a key, as it is now; absent: nothing is said of it. */
  readonly authRequired: boolean | undefined;
}

/** Undefined: whoever was asked wants to go no further. */
export async function askAnswers(asking: Asking): Promise<SetupAnswers | undefined> {
  const prompts = await import("@clack/prompts");
  prompts.intro("Sluice: providers, access, and the first administrator. Ctrl-C changes nothing.");
  const { flags } = asking;
  const ofProviders = await askProviders(prompts, asking);
  if (ofProviders === undefined) return undefined;
  const authRequired = flags.values["AUTH_REQUIRED"] ?? (await askAuthRequired(prompts, asking));
  if (authRequired === undefined) return undefined;
  const admin = await askAdministrator(prompts, flags);
  if (admin === undefined) return undefined;
  return { values: { ...ofProviders, ...flags.values, AUTH_REQUIRED: authRequired }, admin };
}

async function askProviders(prompts: Prompts, asking: Asking): Promise<EnvValues | undefined> {
  const { flags, providers, known } = asking;
  const ofShell = await askKept(prompts, asking);
  if (ofShell === undefined) return undefined;
  const present: Environment = { ...known, ...ofShell, ...flags.values };
  const chosen = await prompts.multiselect({
    message: "Whose keys do you want to give? With none at all, a demo upstream answers.",
    options: providers.map((provider) => ({
      value: provider,
      label: provider.kind,
      hint: `${provider.loading}${isSet(present, provider.loading) ? " is set" : ""}`,
    })),
    required: false,
  });
  if (prompts.isCancel(chosen)) return undefined;
  const values: Record<string, string> = { ...ofShell };
  for (const { loading, needed, secret } of chosen) {
    for (const variable of [loading, ...needed]) {
      const isThere = isSet(present, variable);
      const value = await (secret.has(variable) ? prompts.password : prompts.text)({
        message: isThere ? `${variable} (nothing: as it is)` : variable,
        validate: (text = "") => (text === "" && !isThere ? "Is needed. Ctrl-C ends it all." : undefined),
      });
      if (prompts.isCancel(value)) return undefined;
      // A prompt that was left empty gives undefined, whatever its type says.
      Object.assign(values, valuesOf([variable], { [variable]: value }));
    }
  }
  return values;
}

/** Of what this shell has and `.env` has not. */
async function askKept(
  { confirm, isCancel }: Prompts,
  { providers, known, environment, flags }: Asking,
): Promise<EnvValues | undefined> {
  const found = valuesOf(
    providers.flatMap(({ all }) => all).filter((name) => !isSet(known, name) && !isSet(flags.values, name)),
    environment,
  );
  if (!providers.some(({ loading }) => isSet(found, loading))) return {};
  const isKept = await confirm({
    message: `This shell has ${Object.keys(found).join(", ")}. Write that into .env, too?`,
  });
  if (isCancel(isKept)) return undefined;
  return isKept ? found : {};
}

async function askAuthRequired(
  { confirm, isCancel }: Prompts,
  { authRequired }: Asking,
): Promise<string | undefined> {
  const isRequired = await confirm({
    message: "Do callers need a key? Without one, everybody in KEYLESS_NETWORKS (this machine) is served.",
    initialValue: authRequired ?? true,
  });
  return isCancel(isRequired) ? undefined : String(isRequired);
}

async function askAdministrator(
  { text, password, isCancel }: Prompts,
  flags: SetupFlags,
): Promise<Administrator | undefined> {
  const email =
    flags.email ??
    (await text({ message: "The first administrator's email", validate: (value = "") => emailFault(value) }));
  if (isCancel(email)) return undefined;
  const secret =
    flags.password ??
    (await password({
      message: "A password of 12 characters or more (nothing: one is made, or the user is there already)",
      validate: (value = "") => (value === "" ? undefined : passwordFault(value, email)),
    }));
  if (isCancel(secret)) return undefined;
  const isGiven = isSet({ secret }, "secret");
  if (isGiven && flags.password === undefined) {
    const again = await password({
      message: "The same once more",
      validate: (value = "") => (value === secret ? undefined : "Is another one."),
    });
    if (isCancel(again)) return undefined;
  }
  return { email, name: flags.name ?? nameOfEmail(email), password: isGiven ? secret : undefined };
}

const isSet = (values: Environment, name: string): boolean => (values[name] ?? "") !== "";
