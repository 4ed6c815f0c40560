// Addresses that people log in by. Two that look the same would be two users, so they are ASCII and lower case.

import type { Fault } from "./faults.ts";
import { codePointName } from "./text.ts";

/** RFC 5321, 4.5.3.1: a path of 256 octets with its brackets. */
const maxChars = 254;
const localMaxChars = 64;

/** RFC 5321, 4.1.2: Dot-string, without the quoted form that no provider of mail gives out. */
const localForm = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const domainForm = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

const shape = "must be an address such as ada@example.com, without spaces, quotes and control characters";

export function emailFault(text: string): Fault {
  if (text.length > maxChars) return `has more than ${maxChars} characters`;
  // Before anything is made lower case: the Kelvin sign would become a `k`.
  const foreign = /[^\0-\x7f]/u.exec(text)?.[0];
  if (foreign !== undefined) {
    return (
      `holds ${codePointName(foreign)}, which is not ASCII and may only look like a letter that is; ` +
      "write the address in ASCII, and its domain in the form that begins with xn--"
    );
  }
  const at = text.lastIndexOf("@");
  const [local, domain] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  if (!localForm.test(local) || !domainForm.test(domain)) return shape;
  return local.length > localMaxChars ? `has more than ${localMaxChars} characters before the @` : undefined;
}

/** The one form of an address that `emailFault` finds right. */
export const emailOf = (text: string): string => text.toLowerCase();
