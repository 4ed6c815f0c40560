// The first administrator and the first key, made as any administrator would make them.

import type { Administration } from "../core/directory/administration.ts";
import type { User } from "../core/directory/entries.ts";
import { emailOf } from "../core/directory/rules/email.ts";
import type { Administrator } from "./setup-answers.ts";
import { SetupError } from "./setup-error.ts";
import { setupPrincipal } from "./setup-principal.ts";

export interface MadeAdmin {
  readonly email: string;
  /** Shown this once; absent: it was given, or the user was there. */
  readonly madePassword: string | undefined;
  readonly wasThere: boolean;
  /** Shown this once; absent: there was one, and another one was not asked for. */
  readonly key: string | undefined;
}

export interface AdminToMake {
  readonly admin: Administrator;
  /** As `findAdmin` found them. */
  readonly existing: User | undefined;
  readonly newKey: boolean;
  readonly newPassword: () => string;
  readonly nowMs: number;
}

const tenantId = "default";
/** The most that a page has. */
const first = 200;

/**
 * The administrator, where there is a user of that email. It is left as it is.
 * @throws SetupError for a user that administers nothing; GatewayError
 */
export async function findAdmin(
  { users }: Pick<Administration, "users">,
  { email }: Pick<Administrator, "email">,
): Promise<User | undefined> {
  const search = emailOf(email);
  const { entries } = await users(setupPrincipal, { tenantId, first, search });
  const existing = entries.find((user) => user.email === search);
  if (existing === undefined || (existing.active && existing.role === "platform_admin")) return existing;
  const standing = existing.active ? `of the role ${existing.role}` : "not active";
  throw new SetupError(
    `--admin-email: ${search} is there already, is ${standing}, and is left so. Name another administrator.`,
  );
}

/** @throws GatewayError for what the directory does not take */
export async function makeAdmin(administration: Administration, wanted: AdminToMake): Promise<MadeAdmin> {
  const { admin, existing, newPassword } = wanted;
  const { name, password } = admin;
  const email = emailOf(admin.email);
  const madePassword = existing === undefined && password === undefined ? newPassword() : undefined;
  if (existing === undefined) {
    await administration.createUser(setupPrincipal, {
      tenantId,
      email,
      name,
      role: "platform_admin",
      password: password ?? madePassword,
    });
  }
  return {
    email,
    madePassword,
    wasThere: existing !== undefined,
    key: await newKeyOf(administration, wanted),
  };
}

async function newKeyOf(
  administration: Administration,
  { newKey, nowMs }: AdminToMake,
): Promise<string | undefined> {
  const isWanted = newKey || !(await hasKey(administration, nowMs));
  if (!isWanted) return undefined;
  const { secret } = await administration.createApiKey(setupPrincipal, {
    tenantId,
    name: "Made by setup",
    // What a backend needs.
    permissions: ["gateway:use"],
  });
  return secret;
}

/** One that callers may use. */
async function hasKey({ apiKeys }: Pick<Administration, "apiKeys">, nowMs: number): Promise<boolean> {
  const { entries, hasMore } = await apiKeys(setupPrincipal, { tenantId, first, active: true });
  const isValid = entries.some(
    ({ revokedAtMs, expiresAtMs = Infinity }) => revokedAtMs === undefined && expiresAtMs > nowMs,
  );
  // Nobody with so many keys runs this for their first.
  return isValid || hasMore;
}
