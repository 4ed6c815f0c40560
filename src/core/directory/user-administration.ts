// The part of the administration that is about users.

import { actsFor, may } from "../access/authorize.ts";
import type { Principal } from "../access/principal.ts";
import type { GatewayError } from "../errors.ts";
import type { Administration, UserInput } from "./administration.ts";
import { requireVersion } from "./administration-errors.ts";
import type { Steps } from "./administration-steps.ts";
import { areSame } from "./audit-differences.ts";
import { requireAuthorityOver, requireGivable } from "./authority.ts";
import type { UserCredential } from "./credentials.ts";
import type { DirectoryChange } from "./directory-store.ts";
import type { User } from "./entries.ts";
import { keptAdministrator } from "./last-administrator.ts";
import { tenantAsking } from "./asked-by.ts";
import { listedTenant, requireOwnTenant, requireSeen } from "./listed-tenant.ts";
import { type PlannedUser, plannedUser } from "./planned.ts";
import { inOrder, oneAsWritten } from "./read-by-id.ts";
import { refuse } from "./rules/faults.ts";
import { isUuid } from "./rules/ids.ts";
import { pageFaults, searchOf } from "./rules/page.ts";
import { userFaults } from "./rules/user.ts";

type UserAdministration = Pick<
  Administration,
  "users" | "usersById" | "createUser" | "updateUser" | "deleteUser"
>;

const emailTaken = () => ({ field: "email", message: "another user of the tenant has it" });

export const createUserAdministration = (steps: Steps): UserAdministration => ({
  ...userListings(steps),
  createUser: creatingUser(steps),
  updateUser: updatingUser(steps),
  deleteUser: deletingUser(steps),
});

const userListings = (steps: Steps): Pick<UserAdministration, "users" | "usersById"> => ({
  async users(by, query) {
    steps.permit(by, "users");
    const tenantId = listedTenant(by, query.tenantId);
    refuse(pageFaults(query));
    const { first, after, active } = query;
    const search = searchOf(query.search);
    return steps.ask((store) => store.users({ tenantId, first, after, active, search }));
  },
  async usersById(by, ids) {
    steps.permit(by, "usersById");
    return inOrder(ids, {
      read: (some) => steps.ask((store) => store.usersById(some)),
      isId: isUuid,
      isSeen: ({ tenantId }) => actsFor(by, tenantId),
    });
  },
});

const creatingUser =
  (steps: Steps): UserAdministration["createUser"] =>
  async (by, input) => {
    steps.permit(by, "createUser");
    requireGivable(steps, by, input.role);
    const { tenantId = by.tenantId } = input;
    requireOwnTenant(by, tenantId);
    const after = plannedUser(newUser(tenantId, steps.newId()), {
      ...input,
      name: input.name ?? input.email,
    });
    refuse(userFaults(input, after));
    const credential = (await credentialOf(steps, by, input)) ?? noPassword;
    const version = await steps.write(by, {
      changes: [{ type: "put_user", user: after, credential, seen: undefined }],
      audit: [{ ...about("create", after), after, hidden: passwordNote(input) }],
      taken: emailTaken,
    });
    const nowMs = steps.nowMs();
    const hasPassword = credential.passwordHash !== undefined;
    const never = { lastLogInAtMs: undefined, tokensEndedAtMs: undefined };
    const times = { createdAtMs: nowMs, updatedAtMs: nowMs, ...never };
    return asStored(steps, { ...after, ...times, hasPassword, version });
  };

const updatingUser =
  (steps: Steps): UserAdministration["updateUser"] =>
  async (by, id, input) => {
    steps.permit(by, "updateUser");
    if (input.role !== undefined) requireGivable(steps, by, input.role);
    const was = await found(steps, by, id);
    const [before, after] = [plannedUser(was, {}), plannedUser(was, input)];
    if (id === by.userId) requireNotOwnStanding(steps, by, { before, after, input });
    refuse(userFaults(input, after));
    requireVersion(input.version, was.version);
    if (areSame(before, after) && input.password === undefined) return was;
    const kept = await keptAdministrator(steps, was, after);
    const credential = await credentialOf(steps, by, input);
    const endsSessions = credential !== undefined || (was.active && !after.active);
    const version = await steps.write(by, {
      changes: [
        { type: "put_user", user: after, credential, seen: was.version },
        ...(endsSessions ? [endSessions(id, steps.nowMs())] : []),
        ...kept,
      ],
      audit: [{ ...about("update", after), before, after, hidden: passwordNote(input) }],
      taken: emailTaken,
    });
    const hasPassword = credential === undefined ? was.hasPassword : credential.passwordHash !== undefined;
    return asStored(steps, { ...was, ...after, hasPassword, updatedAtMs: steps.nowMs(), version });
  };

const deletingUser =
  (steps: Steps): UserAdministration["deleteUser"] =>
  async (by, id, edit) => {
    steps.permit(by, "deleteUser");
    const was = await found(steps, by, id);
    if (id === by.userId) throw notOneself(steps, by, "user:delete");
    requireVersion(edit.version, was.version);
    const kept = await keptAdministrator(steps, was, undefined);
    await steps.write(by, {
      changes: [{ type: "delete_user", id, seen: was.version }, ...kept],
      audit: [{ ...about("delete", was), before: plannedUser(was, {}) }],
    });
    return was;
  };

/** @throws GatewayError `not_found`; `permission_denied` for one above the caller */
async function found(steps: Steps, by: Principal, id: string): Promise<User> {
  const [user] = isUuid(id) ? await steps.ask((store) => store.usersById([id])) : [];
  const seen = requireSeen(by, user, "user");
  requireAuthorityOver(steps, by, seen.role);
  return seen;
}

const asStored = (steps: Steps, user: User): Promise<User> =>
  oneAsWritten(user, (ids) => steps.ask((store) => store.usersById(ids)));

async function credentialOf(
  steps: Steps,
  by: Principal,
  { password }: UserInput,
): Promise<UserCredential | undefined> {
  if (password === undefined) return undefined;
  if (password === null) return noPassword;
  return { passwordHash: await steps.secrets.hashPassword(password, tenantAsking(by)) };
}

const noPassword: UserCredential = { passwordHash: undefined };

const newUser = (tenantId: string, id: string): PlannedUser => ({
  id,
  tenantId,
  email: "",
  name: "",
  role: "viewer",
  active: true,
  budget: {},
  externalId: undefined,
});

const about = (what: string, { id, tenantId }: PlannedUser) => ({
  tenantId,
  action: `user.${what}`,
  target: { type: "user", id },
});

const passwordNote = ({ password }: UserInput) =>
  password === undefined ? undefined : { passwordChanged: true };

const endSessions = (userId: string, atMs: number): DirectoryChange => ({
  type: "end_sessions_of_user",
  userId,
  atMs,
});

/** @throws GatewayError `permission_denied` */
function requireNotOwnStanding(
  steps: Steps,
  by: Principal,
  {
    before,
    after,
    input,
  }: { readonly before: PlannedUser; readonly after: PlannedUser; readonly input: UserInput },
): void {
  if (after.role !== before.role) throw notOneself(steps, by, "user:role");
  if (after.active !== before.active) throw notOneself(steps, by, "user:active");
  if (input.password !== undefined) throw notOneself(steps, by, "user:password");
  // A budget that its holder raises is none.
  if (!areSame(after.budget, before.budget) && !may(by, "budgets:update")) {
    throw notOneself(steps, by, "user:budget");
  }
}

const ofOneself = {
  "user:role": "Nobody changes their own role. Ask another administrator.",
  "user:active": "Nobody changes whether they are active themselves. Ask another administrator.",
  "user:delete": "Nobody deletes themselves. Ask another administrator.",
  "user:password": "Your own password is changed with the present one: use changePassword.",
  "user:budget":
    "Nobody but a platform_admin changes their own budget. Ask one, or another administrator of your tenant.",
} as const;

const notOneself = (steps: Steps, by: Principal, what: keyof typeof ofOneself): GatewayError =>
  steps.denied(by, what, ofOneself[what]);
