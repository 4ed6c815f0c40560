// Points in time that callers name, in milliseconds since 1970, and time zones.

import type { Fault } from "./faults.ts";

const dayMs = 86_400_000;

/** Three leap days are the most that ten years have. */
const longestLifeMs = (10 * 365 + 3) * dayMs;

export function expiryFault(expiresAtMs: number, nowMs: number): Fault {
  const isWithin =
    Number.isSafeInteger(expiresAtMs) && expiresAtMs > nowMs && expiresAtMs <= nowMs + longestLifeMs;
  return isWithin ? undefined : "must be in the future, and at most 10 years away";
}

const longestZoneName = 100;

/** IANA's name, as the runtime knows them; an offset as `+01:00` is none: it knows no summer. */
export function timeZoneFault(name: string): Fault {
  const isName = name.length <= longestZoneName && /^[A-Za-z]/.test(name) && isKnownZone(name);
  return isName ? undefined : "must be an IANA name such as Europe/Berlin or UTC";
}

function isKnownZone(timeZone: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
