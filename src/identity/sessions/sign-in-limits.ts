// How often an address, and an email, may fail to sign in within a minute.

import type { Origin } from "../../core/access/principal.ts";
import type { Clock } from "../../core/clock.ts";
import type { AuditTrail } from "../../core/directory/audit.ts";
import { GatewayError } from "../../core/errors.ts";
import { addressBlock } from "../address-block.ts";
import { refused, type SessionAction } from "./session-entries.ts";
import { createTryLimit, type Try } from "./try-limit.ts";

export interface SignInTry {
  readonly action: SessionAction;
  /** Absent: none was told. */
  readonly email?: string | undefined;
  readonly origin: Origin;
}

export interface SignInLimits {
  /** Counts as a failure until it has succeeded. @throws GatewayError `rate_limited` */
  begin(attempt: SignInTry): { succeeded(): void };
}

const windowMs = 60_000;
const failuresOfAnEmail = 5;
const failuresOfAnAddress = 20;

export function createSignInLimits({
  clock,
  trail,
}: {
  readonly clock: Clock;
  readonly trail: AuditTrail;
}): SignInLimits {
  const emails = createTryLimit({ clock, limit: failuresOfAnEmail, windowMs });
  const addresses = createTryLimit({ clock, limit: failuresOfAnAddress, windowMs });

  return {
    begin({ action, email, origin }) {
      const allowed = (tried: Try): Extract<Try, { allowed: true }> => {
        if (tried.allowed) return tried;
        trail.note(refused({ action, origin, kind: "decision", reason: "too many failed tries" }));
        throw new GatewayError({
          code: "rate_limited",
          message: "Too many tries have failed. Wait for a minute before the next one.",
          retryAfterMs: Math.ceil(tried.retryAfterMs),
        });
      };
      const ofAddress = allowed(addresses.begin(addressBlock(origin.address)));
      const ofEmail = email === undefined ? undefined : allowed(emails.begin(email.toLowerCase()));
      return {
        succeeded() {
          ofAddress.succeeded();
          ofEmail?.succeeded();
        },
      };
    },
  };
}
