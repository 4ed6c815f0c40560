// Which user of the tenant somebody is whom its issuer has signed on, and what has to be written for it.

import type { Role } from "../../core/access/permissions.ts";
import type { Origin } from "../../core/access/principal.ts";
import type { Clock } from "../../core/clock.ts";
import type { NewAuditEntry } from "../../core/directory/audit.ts";
import type { DirectoryChange, DirectoryStore, FoundUser } from "../../core/directory/directory-store.ts";
import type { SsoConfig, User } from "../../core/directory/entries.ts";
import { lastOne, whoStays } from "../../core/directory/last-administrator.ts";
import type { NewId } from "../../core/ids.ts";
import type { JsonObject } from "../../core/json.ts";
import { fromStore } from "../from-store.ts";
import { denied, unauthenticated } from "../refusals.ts";
import { toWrite } from "../sessions/session-entries.ts";
import { externalIdOf, isSubject, type Person } from "./person.ts";
import { roleOfGroups } from "./role-of-groups.ts";

export interface SignOnUserPorts {
  readonly store: Pick<DirectoryStore, "activeUser" | "userByExternalId" | "usersByEmail">;
  readonly clock: Clock;
  readonly newId: NewId;
}

export interface SignedOn {
  /** As it is once the changes are written. */
  readonly user: User;
  readonly changes: readonly DirectoryChange[];
  readonly audit: readonly NewAuditEntry[];
}

interface Asked {
  readonly person: Person;
  readonly config: SsoConfig;
  readonly origin: Origin;
}

/** @throws GatewayError `permission_denied`, `unauthenticated`, `unavailable` */
export async function signedOnUser(asked: Asked, ports: SignOnUserPorts): Promise<SignedOn> {
  const { person, config } = asked;
  if (!isSubject(person.subject)) {
    throw denied(
      "The issuer's name of you is none: 1 to 255 characters of ASCII are. Ask its administrator.",
    );
  }
  const found = await find(asked, ports);
  if (found === undefined) return newUser(asked, ports);
  const { user } = found;
  if (!user.active) throw unauthenticated("The user is not active any more. Ask an administrator.");
  if (user.role === "platform_admin") {
    throw denied(
      "Whoever acts for every tenant does not sign on by one tenant's issuer. Log in by password.",
    );
  }
  // Where no group has a role, roles are given here.
  const hasGroups = Object.keys(config.rolesOfGroups).length > 0;
  const role = hasGroups ? requireRole(person, config) : user.role;
  const after = { ...user, role, externalId: externalIdOf(person) };
  const kept = await whoStays({ before: user, after }, (wanted) => fromStore(ports.store.activeUser(wanted)));
  if (kept !== undefined) return changedUser(after, { ...asked, before: user, kept }, ports);
  const changed = changedUser({ ...after, role: user.role }, { ...asked, before: user, kept: [] }, ports);
  return { ...changed, audit: [...changed.audit, keptRole(asked, { user, refusedRole: role }, ports)] };
}

/** By the issuer's name of them, else by an email that the issuer has verified. */
async function find({ person, config }: Asked, { store }: SignOnUserPorts): Promise<FoundUser | undefined> {
  const known = await fromStore(store.userByExternalId(config.tenantId, externalIdOf(person)));
  if (known !== undefined || person.email === undefined) return known;
  const [sameEmail] = await fromStore(store.usersByEmail(person.email, config.tenantId));
  if (sameEmail === undefined) return undefined;
  if (person.emailVerified !== true) {
    throw denied(
      "There is a user with this email, and the issuer does not say that it has verified it. Verify it there, or ask " +
        "an administrator.",
    );
  }
  // Another account of the same issuer is another person, even if the email went over from one to the other.
  if (sameEmail.user.externalId?.startsWith(externalIdOf({ issuer: person.issuer, subject: "" })) === true) {
    throw denied("The user with this email belongs to another account of the issuer. Ask an administrator.");
  }
  return sameEmail;
}

function newUser({ person, config, origin }: Asked, ports: SignOnUserPorts): SignedOn {
  const { email, emailVerified } = person;
  if (!config.createsUsers) {
    throw denied("There is no such user, and this sign-on makes none. Ask an administrator to create it.");
  }
  if (email === undefined) {
    throw denied(
      "The issuer tells no email of plain ASCII, without which no user is made. Add the scope `email`, or set one at " +
        "the issuer.",
    );
  }
  if (emailVerified === false) {
    throw denied("The issuer has not verified your email. Verify it there, and sign on again.");
  }
  const { clock, newId } = ports;
  const nowMs = clock.epochMs();
  const user: User = {
    id: newId(),
    tenantId: config.tenantId,
    email,
    name: person.name ?? email,
    role: requireRole(person, config),
    active: true,
    budget: {},
    hasPassword: false,
    externalId: externalIdOf(person),
    lastLogInAtMs: undefined,
    tokensEndedAtMs: undefined,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    version: 0,
  };
  const after = { email, name: user.name, role: user.role, externalId: user.externalId ?? "" };
  return {
    user,
    changes: [putUser(user, undefined)],
    audit: [entry({ action: "user.create", user, origin, after }, ports)],
  };
}

const shown = ({ role, externalId }: User): JsonObject => ({ role, externalId: externalId ?? null });

function changedUser(
  user: User,
  {
    before,
    origin,
    kept,
  }: { readonly before: User; readonly origin: Origin; readonly kept: readonly DirectoryChange[] },
  ports: SignOnUserPorts,
): SignedOn {
  if (user.role === before.role && user.externalId === before.externalId) {
    return { user: before, changes: [], audit: [] };
  }
  return {
    user: { ...user, updatedAtMs: ports.clock.epochMs() },
    changes: [putUser(user, before.version), ...kept],
    audit: [entry({ action: "user.update", user, origin, before: shown(before), after: shown(user) }, ports)],
  };
}

/** The tenant would have nobody left who could give a role again. */
const keptRole = (
  { origin }: Asked,
  { user, refusedRole }: { readonly user: User; readonly refusedRole: Role },
  ports: SignOnUserPorts,
): NewAuditEntry => {
  const after = { reason: lastOne(user), refusedRole };
  return entry({ kind: "decision", action: "user.update", user, origin, after }, ports);
};

function putUser(user: User, seen: number | undefined): DirectoryChange {
  const { id, tenantId, email, name, role, active, budget, externalId } = user;
  return { type: "put_user", seen, user: { id, tenantId, email, name, role, active, budget, externalId } };
}

function requireRole({ groups }: Person, config: SsoConfig): Role {
  const role = roleOfGroups(groups, config);
  if (role !== undefined) return role;
  throw denied("None of your groups at the issuer has a role here. Ask an administrator.");
}

function entry(
  about: {
    readonly kind?: "decision";
    readonly action: "user.create" | "user.update";
    readonly user: User;
    readonly origin: Origin;
    readonly before?: JsonObject;
    readonly after: JsonObject;
  },
  ports: SignOnUserPorts,
): NewAuditEntry {
  const { kind = "change", action, user, origin, before, after } = about;
  const { id, tenantId } = user;
  // They change themselves, by what the issuer says.
  const actor = { type: "user", id } as const;
  const target = { type: "user", id };
  return toWrite({ tenantId, kind, action, actor, target, before, after, origin }, ports);
}
