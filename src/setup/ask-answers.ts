// The questions of the set-up, on a terminal.

import type { KindDefaults } from "../core/kind-defaults.ts";
import { nameOfEmail, type SetupAnswers, type SetupFlags } from "./setup-answers.ts";

export interface Asking {
  readonly flags: SetupFlags;
  readonly kinds: readonly KindDefaults[];
  /** What `.env` has already. */
  readonly known: Readonly<Record<string, string | undefined>>;
}

/** Undefined: whoever was asked wants to go no further. */
export async function askAnswers({ flags, kinds, known }: Asking): Promise<SetupAnswers | undefined> {
  const { confirm, intro, isCancel, multiselect, password, text } = await import("@clack/prompts");
  intro("Sluice: provider keys, access, and the first administrator. Ctrl-C changes nothing.");
  const offered = kinds.flatMap(({ kind, env }) => (env === undefined ? [] : [{ kind, env }]));
  const variableOf = ({ env }: (typeof offered)[number]) =>
    env.loadedBy === "baseUrl" ? env.baseUrl : env.apiKey;
  const chosen = await multiselect({
    message:
      "Which providers do you have? With none, a demo upstream answers. (Space chooses, Enter goes on.)",
    options: offered.map((each) => {
      const variable = variableOf(each);
      const isKnown = (known[variable] ?? flags.values[variable] ?? "") !== "";
      return { value: variable, label: each.kind, ...(isKnown ? { hint: `${variable} is set` } : {}) };
    }),
    required: false,
  });
  if (isCancel(chosen)) return undefined;
  const values = new Map(Object.entries(flags.values));
  for (const variable of chosen) {
    const ask = variable.endsWith("_URL") ? text : password;
    const value = await ask({ message: `${variable}${known[variable] ? " (empty: as it is)" : ""}` });
    if (isCancel(value)) return undefined;
    if (value !== "") values.set(variable, value);
  }
  if (!values.has("AUTH_REQUIRED")) {
    const asks = await confirm({
      message: "Do callers need a key? Without one, everybody on this machine is served.",
      initialValue: known["AUTH_REQUIRED"] !== "false",
    });
    if (isCancel(asks)) return undefined;
    values.set("AUTH_REQUIRED", String(asks));
  }
  const email =
    flags.email ??
    (await text({
      message: "The first administrator's email",
      validate: (value = "") => (/^[^@\s]+@[^@\s]+$/.test(value) ? undefined : "As you@example.com."),
    }));
  if (isCancel(email)) return undefined;
  const secret =
    flags.password ??
    (await password({
      message: "A password of 12 characters or more (empty: one is made)",
      validate: (value = "") => (value === "" || value.length >= 12 ? undefined : "Too short."),
    }));
  if (isCancel(secret)) return undefined;
  return {
    values: Object.fromEntries(values),
    admin: { email, name: flags.name ?? nameOfEmail(email), password: secret === "" ? undefined : secret },
  };
}
