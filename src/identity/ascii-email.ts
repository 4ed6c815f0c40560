import { emailFault, emailOf } from "../core/directory/rules/email.ts";

/** An email as the directory keeps it; undefined where it is none. */
export const asciiEmail = (text: string): string | undefined =>
  emailFault(text) === undefined ? emailOf(text) : undefined;
