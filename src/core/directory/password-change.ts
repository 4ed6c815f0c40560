// A user's own password: changed with the present one, and then their other sessions end.

import { notFound } from "../access/authorize.ts";
import type { Principal } from "../access/principal.ts";
import { invalidRequest } from "../errors.ts";
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

/** Throws a GatewayError: `invalid_request` for a wrong one, which is noted; `rate_limited` after several. */
function createCurrentCheck(steps: Steps) {
  const tries = createWrongTries(() => steps.nowMs());

  return async (by: Principal, { user, credential }: FoundUser, current: string): Promise<void> => {
    const { passwordHash } = credential;
    if (passwordHash === undefined) {
      throw invalidRequest("current", "you have no password yet: ask an administrator to set one");
    }
    tries.requireFew(user.id);
    // Counted before it is known: tries at the same moment count too.
    tries.count(user.id);
    const isRight =
      current.length <= maxPresentedChars &&
      (await steps.secrets.verifyPassword(current, passwordHash, tenantAsking(by)));
    if (isRight) return tries.forget(user.id);
    const nothing = { before: undefined, after: undefined };
    steps.note(entryBy(by, { ...about(user), ...nothing, kind: "refused_credential" }));
    throw invalidRequest("current", "is not your present password");
  };
}

const about = ({ id, tenantId }: User) => ({
  tenantId,
  action: "user.change_password",
  target: { type: "user", id },
});
