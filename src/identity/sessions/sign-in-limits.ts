// How often an address, and an email, may fail to sign in within a minute. Where somebody has logged in before they are
// counted apart, so that nobody keeps them out from elsewhere by failing in their name.

import type { Origin } from "../../core/access/principal.ts";
import type { Clock } from "../../core/clock.ts";
import type { AuditTrail } from "../../core/directory/audit.ts";
import { GatewayError } from "../../core/errors.ts";
import { addressBlock } from "../address-block.ts";
import { createLazyCache } from "../lazy-cache.ts";
import { refused, type SessionAction } from "./session-entries.ts";
import { createTryLimit, type Try } from "./try-limit.ts";

export interface SignInTry {
  readonly action: SessionAction;
  /** Absent: none was told. */
  readonly email?: string | undefined;
  /** As it was named with the email: users of several tenants may have the same. */
  readonly tenantId?: string | undefined;
  readonly origin: Origin;
}

export interface SignInLimits {
  /** Counts as a failure until it has succeeded. @throws GatewayError `rate_limited` */
  begin(attempt: SignInTry): SignInAttempt;
}

export interface SignInAttempt {
  succeeded(): void;
  /** Besides: whoever has the email has shown it, at this address. */
  isKnownHere(): void;
}

const windowMs = 60_000;
const failuresOfAnEmail = 5;
const failuresOfAnAddress = 20;
/** Each an email, the tenant that was named with it, and an address. */
const knownMax = 10_000;

export function createSignInLimits({
  clock,
  trail,
}: {
  readonly clock: Clock;
  readonly trail: AuditTrail;
}): SignInLimits {
  const emails = createTryLimit({ clock, limit: failuresOfAnEmail, windowMs });
  const knownPlaces = createTryLimit({ clock, limit: failuresOfAnEmail, windowMs });
  const addresses = createTryLimit({ clock, limit: failuresOfAnAddress, windowMs });
  const known = createLazyCache<string, true>(knownMax);

  function beginOfEmail(email: string, place: string): Try {
    return known.ifUsed()?.get(place) === undefined ? emails.begin(email) : knownPlaces.begin(place);
  }

  return {
    begin({ action, email, tenantId = "", origin }) {
      const allowed = (tried: Try): Extract<Try, { allowed: true }> => {
        if (tried.allowed) return tried;
        trail.note(refused({ action, origin, kind: "decision", reason: "too many failed tries" }));
        throw new GatewayError({
          code: "rate_limited",
          message: "Too many tries have failed. Wait for a minute before the next one.",
          retryAfterMs: Math.ceil(tried.retryAfterMs),
        });
      };
      const block = addressBlock(origin.address);
      const name = email?.toLowerCase() ?? "";
      const place = JSON.stringify([name, tenantId, block]);
      const ofAddress = allowed(addresses.begin(block));
      const ofEmail = email === undefined ? undefined : allowed(beginOfEmail(name, place));
      return {
        succeeded() {
          ofAddress.succeeded();
          ofEmail?.succeeded();
        },
        isKnownHere: () => void known.use().set(place, true),
      };
    },
  };
}
