// Local log-in by email and password. Whoever tries learns from neither the answer nor its time whether an email is
// known: a password is checked in any case, if need be against a hash of nobody's. The time tells only that an email has
// users in several tenants, where none is named: to hide that, every log-in would have to be checked as often.

import { randomBytes } from "node:crypto";
import type { Origin } from "../../core/access/principal.ts";
import type { AuditTrail } from "../../core/directory/audit.ts";
import type { DirectoryStore, FoundUser } from "../../core/directory/directory-store.ts";
import type { DirectorySecrets } from "../../core/directory/secrets.ts";
import type { LogIn, StartedSession } from "../../core/directory/sessions.ts";
import { type GatewayError, invalidRequest } from "../../core/errors.ts";
import { isSlug } from "../../core/directory/rules/ids.ts";
import { addressBlock } from "../address-block.ts";
import { asciiEmail } from "../ascii-email.ts";
import { fromStore } from "../from-store.ts";
import { unauthenticated } from "../refusals.ts";
import { refused } from "./session-entries.ts";
import { startSession, type StartPorts } from "./start-session.ts";
import type { SignInLimits } from "./sign-in-limits.ts";

export interface LogInPorts extends StartPorts {
  readonly store: Pick<DirectoryStore, "usersByEmail" | "write" | "touchUser">;
  readonly secrets: Pick<DirectorySecrets, "hashPassword" | "verifyPassword">;
  readonly trail: AuditTrail;
  readonly limits: SignInLimits;
}

/** `found`: the one user with the email and the password, or with the email alone. */
interface Verified {
  readonly found: FoundUser | undefined;
  readonly isRight: boolean;
  /** The email has others, in other tenants. */
  readonly isOneOfSeveral: boolean;
}

export type LocalLogIn = (logIn: LogIn, origin: Origin) => Promise<StartedSession>;

const maxEmailChars = 254;
const maxPasswordChars = 1_024;

export function createLocalLogIn(ports: LogInPorts): LocalLogIn {
  const { store, secrets, trail, limits } = ports;
  let nobodysHash: Promise<string> | undefined;

  // Made before the first password is checked, whosever that is.
  async function hashOfNobody(askedBy: string): Promise<string> {
    try {
      return await (nobodysHash ??= secrets.hashPassword(randomBytes(32).toString("base64url"), askedBy));
    } catch (error) {
      nobodysHash = undefined;
      throw error;
    }
  }

  async function findAndVerify({ email, password, tenantId }: LogIn, origin: Origin): Promise<Verified> {
    const askedBy = `address ${addressBlock(origin.address)}`;
    const nobodys = await hashOfNobody(askedBy);
    const known = asciiEmail(email);
    const found = known === undefined ? [] : await fromStore(store.usersByEmail(known, tenantId));
    if (found.length === 0) await secrets.verifyPassword(password, nobodys, askedBy);
    const right: FoundUser[] = [];
    // Of several tenants' users each is asked: none keeps another one out.
    for (const each of found) {
      const hash = each.credential.passwordHash;
      const isRight = await secrets.verifyPassword(password, hash ?? nobodys, askedBy);
      if (isRight && hash !== undefined) right.push(each);
    }
    const isOneOfSeveral = found.length > 1;
    if (right.length === 1) return { found: right[0], isRight: true, isOneOfSeveral };
    // Nobody can say which one is meant.
    return { found: isOneOfSeveral ? undefined : found[0], isRight: false, isOneOfSeveral };
  }

  async function logIn(asked: LogIn, origin: Origin): Promise<StartedSession> {
    const { email, tenantId } = asked;
    const attempt = limits.begin({ action: "session.log_in", email, tenantId, origin });
    let verified: Verified;
    try {
      verified = await findAndVerify(asked, origin);
    } catch (error) {
      // Nobody has failed but we.
      attempt.succeeded();
      throw error;
    }
    const { found, isRight, isOneOfSeveral } = verified;
    if (found === undefined || !isRight || !found.user.active || !found.tenant.active) {
      noteRefusal(asked, verified, origin);
      throw unauthenticated(wrong);
    }
    // That nobody else has the same password is told too: it must not be asked without end.
    if (!isOneOfSeveral) {
      attempt.succeeded();
      attempt.isKnownHere();
    }
    const { user, credential } = found;
    const { passwordHash } = credential;
    const started = await startSession({ user, passwordHash, action: "session.log_in", origin }, ports);
    // In this moment its user was deleted, or its password changed, which ends sessions.
    if (typeof started === "string") throw unauthenticated(wrong);
    return started;
  }

  function noteRefusal({ email }: LogIn, { found, isRight }: Verified, origin: Origin): void {
    trail.note(
      refused({
        action: "session.log_in",
        reason: isRight ? "not active" : "wrong email or password",
        tenantId: found?.tenant.id,
        target: found === undefined ? undefined : { type: "user", id: found.user.id },
        email: asciiEmail(email),
        origin,
      }),
    );
  }

  return async (asked, origin) => {
    checkForm(asked);
    return logIn(asked, origin);
  };
}

const wrong =
  "The email or the password is wrong, or this user may not log in. Where an email has users in several tenants, " +
  "name the tenant.";

/** @throws GatewayError `invalid_request` */
function checkForm({ email, password, tenantId }: LogIn): void {
  if (email.length > maxEmailChars) throw tooLong("email", maxEmailChars);
  if (password.length > maxPasswordChars) throw tooLong("password", maxPasswordChars);
  if (tenantId !== undefined && !isSlug(tenantId)) {
    throw invalidRequest("tenant", "must have 1 to 63 characters: lower-case letters, digits and -");
  }
}

const tooLong = (field: string, maxChars: number): GatewayError =>
  invalidRequest(field, `has more than ${maxChars} characters`);
