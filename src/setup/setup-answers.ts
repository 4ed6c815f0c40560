// What the set-up is told, by flags or by answers.

import { emailFault } from "../core/directory/rules/email.ts";
import { passwordFault } from "../core/directory/rules/password.ts";
import { nameFault } from "../core/directory/rules/text.ts";
import type { EnvValues } from "./env-file.ts";
import { SetupError } from "./setup-error.ts";
import type { SetupFlags } from "./setup-flags.ts";

export interface Administrator {
  readonly email: string;
  readonly name: string;
  /** Absent: one is made. */
  readonly password: string | undefined;
}

export interface SetupAnswers {
  /** For `.env`. */
  readonly values: EnvValues;
  readonly admin: Administrator;
}

/** Without a question. @throws SetupError for what is missing, as it cannot be guessed */
export function answersOfFlags({ values, email, name, password }: SetupFlags): SetupAnswers {
  if (email === undefined) {
    throw new SetupError("--admin-email: is missing. Say whose email the first administrator has.");
  }
  return { values, admin: { email, name: name ?? nameOfEmail(email), password } };
}

export const nameOfEmail = (email: string): string => email.split("@", 1)[0] ?? email;

/** Before anything is changed. @throws SetupError for what the directory would not take */
export function checkAdministrator({ email, name, password }: Administrator): void {
  const faults = [
    { flag: "--admin-email", fault: emailFault(email) },
    { flag: "--admin-name", fault: nameFault(name) },
    {
      flag: "--admin-password (or SLUICE_ADMIN_PASSWORD)",
      fault: password === undefined ? undefined : passwordFault(password, email),
    },
  ].filter(({ fault }) => fault !== undefined);
  if (faults.length === 0) return;
  throw new SetupError(`${faults.map(({ flag, fault }) => `${flag}: ${fault}`).join("; ")}.`);
}
