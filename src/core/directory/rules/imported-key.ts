// What another gateway tells of a key: its beginning, and its hash by bcrypt.

import type { Fault } from "./faults.ts";

/** What begins so is looked up by another hash. */
const ownBeginning = "slc_";
const prefixForm = /^[\x21-\x7e]{6,32}$/;

/** The versions that mean the same (`$2x$` is a known mistake of one library); 22 characters of salt, 31 of hash. */
const bcryptForm = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const leastCost = 4;
const mostCost = 12;

/** Of one that has the form. The versions mean the same: in one spelling, one hash is one text. */
export const oneSpelling = (hash: string): string => `$2b$${hash.slice("$2b$".length)}`;

export function prefixFault(prefix: string): Fault {
  if (!prefixForm.test(prefix)) return "must have 6 to 32 characters of ASCII, without a space";
  return prefix.startsWith(ownBeginning)
    ? `must not begin with ${ownBeginning}, as this gateway's own keys do`
    : undefined;
}

/** A check of cost 12 takes about a quarter of a second: each step more doubles it. */
export function bcryptFault(hash: string): Fault {
  const cost = bcryptForm.exec(hash)?.[1];
  if (cost === undefined) return "must be a bcrypt hash of 60 characters that begins with $2a$, $2b$ or $2y$";
  return Number(cost) >= leastCost && Number(cost) <= mostCost
    ? undefined
    : `has the cost ${Number(cost)}; ${leastCost} to ${mostCost} are allowed`;
}
