// What a tenant says of its sign-on by OpenID Connect.

import { isLoopbackName } from "../../access/host-name.ts";
import type { FieldFault } from "../../errors.ts";
import { isLongerThan, quotable } from "../../field-rules.ts";
import { type Fault, faultsOf } from "./faults.ts";
import { roleFault } from "./granted.ts";
import { nameFault, textFault } from "./text.ts";

const issuerMaxChars = 500;
const clientSecretMaxChars = 2_000;
const maxScopes = 20;
const scopeMaxChars = 100;
const maxGroups = 100;

/** RFC 6749, 3.3. */
const scopeForm = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** OpenID Connect Discovery 1.0, 2: https, without query and fragment. */
export function issuerFault(issuer: string, allowsLoopback: boolean): Fault {
  const unfit = textFault(issuer, issuerMaxChars);
  if (unfit !== undefined) return unfit;
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (url === undefined || !/^https?:\/\//.test(issuer) || /[?#\\\s]/.test(issuer)) {
    return "must be an address such as https://login.example.com, without ? and #";
  }
  if (url.username !== "" || url.password !== "") return "must be an address without user name and password";
  if (url.protocol === "https:" || (allowsLoopback && isLoopbackName(url.hostname))) return undefined;
  return allowsLoopback ? "must begin with https:// (http:// on loopback)" : "must begin with https://";
}

export const clientIdFault = nameFault;

export function clientSecretFault(secret: string): Fault {
  const isFit =
    secret !== "" && !isLongerThan(secret, clientSecretMaxChars) && !/[\p{Cc}\p{Cs}]/u.test(secret);
  return isFit
    ? undefined
    : `must have 1 to ${clientSecretMaxChars} characters, none of them control characters`;
}

export function scopesFault(scopes: readonly string[]): Fault {
  const isFit = scopes.every((scope) => scopeForm.test(scope) && scope.length <= scopeMaxChars);
  if (!isFit || scopes.length > maxScopes) {
    return `must be at most ${maxScopes} scopes of 1 to ${scopeMaxChars} characters of ASCII, without spaces and quotes`;
  }
  return scopes.includes("openid")
    ? undefined
    : "must have openid among them: without it nobody is told who signs on";
}

export function groupFaults(
  roles: Readonly<Record<string, string>> | null | undefined,
): readonly FieldFault[] {
  const groups = Object.entries(roles ?? {});
  if (groups.length > maxGroups) {
    return [{ field: "rolesOfGroups", message: `has ${groups.length} groups; ${maxGroups} are allowed` }];
  }
  return groups.flatMap(([group, role]) => {
    const unfit = nameFault(group);
    return unfit === undefined
      ? faultsOf(`rolesOfGroups.${quotable(group)}`, role, roleFault)
      : [{ field: "rolesOfGroups", message: `the name of a group ${unfit}` }];
  });
}
