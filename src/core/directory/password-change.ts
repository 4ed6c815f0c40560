// A user's own password: changed with the present one, and then their other sessions end.

import { notFound } from "../access/authorize.ts";
import type { Principal } from "../access/principal.ts";
import { GatewayError, invalidRequest } from "../errors.ts";
import type { Administration } from "./administration.ts";
import type { Steps } from "./administration-steps.ts";
import { tenantAsking } from "./asked-by.ts";
import { entryBy } from "./audit-entry.ts";
import type { FoundUser } from "./directory-store.ts";
import type { User } from "./entries.ts";
import { plannedUser } from "./planned.ts";
import { faultsOf, refuse } from "./rules/faults.ts";
import { passwordFault } from "./rules/password.ts";
import { createWrongTries } from "./wrong-tries.ts";

/** Longer than any that was ever accepted. */
const maxPresentedChars = 1_024;

export function createPasswordChange(steps: Steps): Administration["changePassword"] {
  const requireCurrent = createCurrentCheck(steps);
  return async (by, { current, next }) => {
    const { userId } = by;
    if (userId === undefined || by.apiKeyId !== undefined) {
      const message = "Only a user who has logged in changes a password of their own.";
      throw steps.denied(by, "user:own_password", message);
    }
    const found = await steps.ask((store) => store.userById(userId));
    if (found === undefined) throw notFound("user");
    const { user } = found;
    refuse(
      faultsOf("next", next, (password) =>
        password === current ? "must be another than the present one" : passwordFault(password, user.email),
      ),
    );
    await requireCurrent(by, found, current);
    const credential = { passwordHash: await steps.secrets.hashPassword(next, tenantAsking(by)) };
    const { id, version } = user;
    const atMs = steps.nowMs();
    await steps.write(by, {
      changes: [
        { type: "put_user", user: plannedUser(user, {}), credential, seen: version },
        { type: "end_sessions_of_user", userId: id, atMs, except: by.sessionId },
      ],
      audit: [{ ...about(user), hidden: { passwordChanged: true } }],
    });
  };
}

/** Throws a GatewayError: `invalid_request` for a wrong one, `rate_limited` after several; both are noted. */
function createCurrentCheck(steps: Steps) {
  const tries = createWrongTries(() => steps.nowMs());

  return async (by: Principal, { user, credential }: FoundUser, current: string): Promise<void> => {
    const { passwordHash } = credential;
    if (passwordHash === undefined) {
      throw invalidRequest("current", "you have no password yet: ask an administrator to set one");
    }
    const told = { ...about(user), before: undefined };
    const tried = tries.begin(user.id);
    if (!tried.allowed) {
      steps.note(entryBy(by, { ...told, kind: "decision", after: { reason: "too many failed tries" } }));
      throw tooManyTries(tried.retryAfterMs);
    }
    const isRight = await isPassword(current, { passwordHash, askedBy: tenantAsking(by) }, steps).catch(
      (error: unknown) => {
        // Nobody has failed but we.
        tried.wasNotChecked();
        throw error;
      },
    );
    if (isRight) return tried.wasRight();
    steps.note(entryBy(by, { ...told, kind: "refused_credential", after: undefined }));
    throw invalidRequest("current", "is not your present password");
  };
}

const isPassword = async (
  presented: string,
  { passwordHash, askedBy }: { readonly passwordHash: string; readonly askedBy: string },
  { secrets }: Pick<Steps, "secrets">,
): Promise<boolean> =>
  presented.length <= maxPresentedChars && (await secrets.verifyPassword(presented, passwordHash, askedBy));

const tooManyTries = (retryAfterMs: number) =>
  new GatewayError({
    code: "rate_limited",
    message:
      "The present password was wrong too often. Try again later, or ask an administrator for a new one.",
    retryAfterMs,
  });

const about = ({ id, tenantId }: User) => ({
  tenantId,
  action: "user.change_password",
  target: { type: "user", id },
});
