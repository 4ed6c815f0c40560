// How often an address, and an email, may fail to sign in within a minute, and an address begin to sign on. Where somebody
// has logged in before they are counted apart, so that nobody keeps them out from elsewhere by failing in their name.

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
  /** Of a sign-on that begins, whatever comes of it: it costs questions. @throws GatewayError `rate_limited` */
  countSignOn(origin: Origin): void;
}

export interface SignInAttempt {
  succeeded(): void;
  /** Besides: whoever has the email has shown it, at this address. */
  isKnownHere(): void;
}

const windowMs = 60_000;
const failuresOfAnEmail = 5;
const failuresOfAnAddress = 20;
/** A whole office may begin its day behind one. */
const signOnsOfAnAddress = 60;
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
  const signOns = createTryLimit({ clock, limit: signOnsOfAnAddress, windowMs });
  const known = createLazyCache<string, true>(knownMax);

  function beginOfEmail(email: string, place: string): Try {
    return known.ifUsed()?.get(place) === undefined ? emails.begin(email) : knownPlaces.begin(place);
  }

  function refuse(
    { action, origin }: Pick<SignInTry, "action" | "origin">,
    { retryAfterMs }: Extract<Try, { allowed: false }>,
    why: { readonly reason: string; readonly message: string },
  ): GatewayError {
    trail.note(refused({ action, origin, kind: "decision", reason: why.reason }));
    const { message } = why;
    return new GatewayError({ code: "rate_limited", message, retryAfterMs: Math.ceil(retryAfterMs) });
  }

  return {
    begin({ action, email, tenantId = "", origin }) {
      const allowed = (tried: Try): Extract<Try, { allowed: true }> => {
        if (tried.allowed) return tried;
        throw refuse({ action, origin }, tried, tooManyFailures);
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
    countSignOn(origin) {
      const tried = signOns.begin(addressBlock(origin.address));
      if (!tried.allowed) throw refuse({ action: "session.sign_on", origin }, tried, tooManySignOns);
    },
  };
}

const tooManyFailures = {
  reason: "too many failed tries",
  message: "Too many tries have failed. Wait for a minute before the next one.",
};

const tooManySignOns = {
  reason: "too many sign-ons have begun",
  message: "Too many sign-ons have begun at this address. Wait for a minute before the next one.",
};
