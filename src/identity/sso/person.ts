// Who an issuer says has signed on. Pure.

import { nameFault } from "../../core/directory/rules/text.ts";
import { asciiEmail } from "../ascii-email.ts";

export interface Person {
  readonly issuer: string;
  /** The issuer's own name of them, never given to another. */
  readonly subject: string;
  /** Absent: none was told, or it is no plain ASCII. */
  readonly email: string | undefined;
  /** Absent: the issuer does not say. */
  readonly emailVerified: boolean | undefined;
  /** Absent: none was told that the directory takes. */
  readonly name: string | undefined;
  readonly groups: readonly string[];
}

type Claims = Readonly<Record<string, unknown>>;

const maxGroups = 1_000;

/**
 * An ID token's claims, and besides them what the issuer tells of the user when it is asked. What one of them says of
 * its email is not said of the other's.
 */
export function wholeClaims(idToken: Claims, more: Claims): Claims {
  const whole = { ...more, ...idToken };
  if (idToken["email"] === more["email"]) return whole;
  const { email, email_verified: verified } = Object.hasOwn(idToken, "email") ? idToken : more;
  return { ...whole, email, email_verified: verified };
}

/** Of an ID token's claims, and what the issuer tells of the user besides. */
export function personOf(claims: Claims, groupsClaim: string): Person {
  const { iss, sub, email, email_verified: verified, name } = claims;
  return {
    issuer: typeof iss === "string" ? iss : "",
    subject: typeof sub === "string" ? sub : "",
    email: typeof email === "string" ? asciiEmail(email) : undefined,
    // Some issuers write it as a text.
    emailVerified:
      verified === true || verified === "true" ? true : verified === undefined ? undefined : false,
    name: typeof name === "string" && nameFault(name) === undefined ? name : undefined,
    groups: groupsOf(Object.hasOwn(claims, groupsClaim) ? claims[groupsClaim] : undefined),
  };
}

/** A list of texts, or one text. */
function groupsOf(claim: unknown): readonly string[] {
  if (typeof claim === "string") return [claim];
  if (!Array.isArray(claim)) return [];
  const groups: readonly unknown[] = claim;
  return groups.filter((group) => typeof group === "string").slice(0, maxGroups);
}

/** What names somebody wherever they sign on. */
export const externalIdOf = ({ issuer, subject }: Pick<Person, "issuer" | "subject">): string =>
  `${issuer}|${subject}`;

/** OpenID Connect Core 1.0, 2: `sub`. */
export const isSubject = (text: string): boolean => /^[\x20-\x7e]{1,255}$/.test(text);
