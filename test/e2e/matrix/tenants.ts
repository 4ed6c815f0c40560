// Two tenants with users, keys, sign-on, calls and a trail of their own, in every text of which stands whose it is; and
// callers of every kind, all of the first tenant but the one who acts for all.

import {
  permissionsOfRole,
  type PermissionSet,
  type Role,
  roles,
} from "../../../src/core/access/permissions.ts";
import type { ApiKey, User } from "../../../src/core/directory/entries.ts";
import { platform, type ServedGateway } from "../served-gateway.ts";

export interface SeededTenant {
  readonly id: string;
  /** In every text that it has. */
  readonly marker: string;
  readonly users: readonly User[];
  readonly apiKey: ApiKey;
  /** By which its call was made. */
  readonly usedKeyId: string;
  readonly requestId: string;
}

export interface Caller {
  readonly name: string;
  /** Undefined: it shows none. */
  credential: string | undefined;
  /** Undefined: it has no credential. */
  readonly permissions: PermissionSet | undefined;
  /** Of whoever has logged in. */
  readonly user?: {
    readonly id: string;
    readonly email: string;
    readonly tenantId: string;
    password: string;
  };
  readonly apiKeyId?: string;
}

export const password = "a long password of the tests";

/** @param issuer where its users sign on */
export async function seedTenant(
  { gateway }: ServedGateway,
  { id, issuer }: { readonly id: string; readonly issuer: string },
): Promise<SeededTenant> {
  const { administration } = gateway;
  const marker = `marker-of-${id}`;
  await administration.createTenant(platform, {
    id,
    name: `Tenant ${marker}`,
    contactEmail: `contact@${marker}.example`,
    logging: { bodies: "full", redact: true },
  });
  const users = await Promise.all(
    roles
      .filter((role) => role !== "platform_admin")
      .map((role) =>
        administration.createUser(platform, {
          tenantId: id,
          email: `${role}@${marker}.example`,
          name: `${role} ${marker}`,
          role,
          password,
        }),
      ),
  );
  const { apiKey } = await administration.createApiKey(platform, {
    tenantId: id,
    name: `Key ${marker}`,
    userId: users.at(-1)?.id,
    permissions: ["usage:view"],
  });
  const used = await administration.createApiKey(platform, { tenantId: id, name: `Used ${marker}` });
  const { principal } = await authenticated(gateway, used.secret);
  const { meta } = await gateway.chat(
    {
      messages: [{ role: "user", parts: [{ type: "text", text: `Say ${marker}.` }] }],
      labels: { note: marker, use_case: marker },
    },
    { principal, correlationId: `correlation-${marker}` },
  );
  await administration.setSsoConfig(platform, {
    tenantId: id,
    issuer,
    clientId: `client-${marker}`,
    clientSecret: `secret-${marker}`,
  });
  return { id, marker, users, apiKey, usedKeyId: used.apiKey.id, requestId: meta.requestId };
}

async function authenticated({ access }: ServedGateway["gateway"], credential: string) {
  const presented = { credential, remoteAddress: "127.0.0.1", host: "localhost", origin: undefined };
  return { principal: await access.authenticate(presented) };
}

export async function createCallers(served: ServedGateway, { id, users }: SeededTenant): Promise<Caller[]> {
  const { administration } = served.gateway;
  const admin = await administration.createUser(platform, {
    email: "platform_admin@default.example",
    role: "platform_admin",
    password,
  });
  const callers: Caller[] = [];
  for (const user of [...users, admin]) callers.push(await logIn(served, user));
  const { apiKey, secret } = await administration.createApiKey(platform, {
    tenantId: id,
    name: "Key of a program",
    permissions: ["gateway:use"],
  });
  return [
    ...callers,
    {
      name: "API key",
      credential: secret,
      permissions: new Set(apiKey.permissions),
      apiKeyId: apiKey.id,
    },
    { name: "nobody", credential: undefined, permissions: undefined },
  ];
}

async function logIn(served: ServedGateway, { id, email, role, tenantId }: User): Promise<Caller> {
  const caller = {
    name: role satisfies Role,
    credential: undefined,
    permissions: permissionsOfRole[role],
    user: { id, email, tenantId, password },
  };
  await logInAgain(served, caller);
  return caller;
}

/** Begins a new session, and gives its refresh token. */
export async function logInAgain(
  { gateway }: Pick<ServedGateway, "gateway">,
  caller: Caller,
): Promise<string | undefined> {
  if (caller.user === undefined) return undefined;
  const { email, password, tenantId } = caller.user;
  const started = await gateway.sessions.logIn({ email, password, tenantId }, { address: "127.0.0.1" });
  caller.credential = started.accessToken;
  return started.refreshToken;
}
