// Credentials that nobody may be let in by, each for a reason of its own.

import { createHmac } from "node:crypto";
import type { ApiKey } from "../../../src/core/directory/entries.ts";
import { createIssuerKey, type IssuerKey, type JwksServer } from "../../support/jwks-server.ts";
import { platform, type ServedGateway } from "../served-gateway.ts";

export interface WrongCredentials {
  /** By what is wrong with each, once the time has come. */
  readonly byFault: Readonly<Record<string, string>>;
  /** One that is good, and lives longer. */
  readonly good: string;
}

export interface Issuer {
  readonly server: JwksServer;
  readonly key: IssuerKey;
  readonly name: string;
  readonly audience: string;
}

const password = "a long password of the tests";
const origin = { address: "192.0.2.1" };

/** @param endMs when what expires has expired */
export async function makeWrongCredentials(
  served: ServedGateway,
  { tenantId, issuer, endMs }: { readonly tenantId: string; readonly issuer: Issuer; readonly endMs: number },
): Promise<WrongCredentials> {
  const keys = await keysOf(served, { tenantId, endMs });
  return {
    good: keys.good,
    byFault: {
      ...keys.byFault,
      ...(await sessionsOf(served, tenantId)),
      ...(await tokensOf(issuer, tenantId)),
      ...nobodys,
    },
  };
}

const nobodys: Readonly<Record<string, string>> = {
  "one character": "x",
  "a key without its end": "slc_live_",
  "a text with spaces": "not a key at all",
  "more than any key has": "k".repeat(5_000),
  "a path": "../../etc/passwd",
  "a piece of SQL": "' or 1=1; --",
};

async function keysOf(
  { gateway: { administration } }: ServedGateway,
  { tenantId, endMs }: { readonly tenantId: string; readonly endMs: number },
): Promise<WrongCredentials> {
  const other = "of-wrong-credentials";
  await administration.createTenant(platform, { id: other, name: "Other" });
  const make = (input: object = {}) =>
    administration.createApiKey(platform, { tenantId, name: "Key", permissions: ["gateway:use"], ...input });
  const made = async (input: object, then: (key: ApiKey) => Promise<unknown>): Promise<string> => {
    const { apiKey, secret } = await make(input);
    await then(apiKey);
    return secret;
  };
  const user = await administration.createUser(platform, {
    tenantId,
    email: "gone@example.com",
    role: "owner",
  });
  const idle = await administration.createUser(platform, {
    tenantId,
    email: "idle@example.com",
    role: "owner",
  });
  const { secret: good } = await make();
  const wrongEnd = `${good.slice(0, -1)}${good.endsWith("a") ? "b" : "a"}`;
  const byFault = {
    "an expired key": (await make({ expiresAtMs: endMs - 1_000 })).secret,
    "a revoked key": await made({}, ({ id, version }) =>
      administration.revokeApiKey(platform, id, { version }),
    ),
    "a deleted key": await made({}, ({ id, version }) =>
      administration.deleteApiKey(platform, id, { version }),
    ),
    "an inactive key": await made({}, ({ id, version }) =>
      administration.updateApiKey(platform, id, { version, active: false }),
    ),
    "a key that was rotated": await made({}, ({ id, version }) =>
      administration.rotateApiKey(platform, id, { version, overlapSeconds: 0 }),
    ),
    "a key of an inactive user": await made({ userId: idle.id }, () =>
      administration.updateUser(platform, idle.id, { version: idle.version, active: false }),
    ),
    "a key of a deleted user": await made({ userId: user.id }, () =>
      administration.deleteUser(platform, user.id, { version: user.version }),
    ),
    "a key of an inactive tenant": await made({ tenantId: other }, async () => {
      const [tenant] = await administration.tenantsById(platform, [other]);
      await administration.updateTenant(platform, other, { version: tenant?.version ?? 0, active: false });
    }),
    "a mistyped key": wrongEnd,
    "a key in capitals": good.toUpperCase(),
    "a key with more behind it": `${good}0`,
  };
  return { good, byFault };
}

async function sessionsOf(
  { gateway }: ServedGateway,
  tenantId: string,
): Promise<Readonly<Record<string, string>>> {
  const { administration, sessions, access } = gateway;
  const logIn = async (email: string) => {
    const user = await administration.createUser(platform, { tenantId, email, role: "owner", password });
    const started = await sessions.logIn({ email, password, tenantId }, origin);
    return { ...started, user };
  };
  const expiring = await logIn("expiring@example.com");
  const ended = await logIn("ended@example.com");
  const presented = { remoteAddress: "192.0.2.1", host: "localhost", origin: undefined };
  await sessions.logOut(await access.authenticate({ ...presented, credential: ended.accessToken }));
  const { user, accessToken } = await logIn("left@example.com");
  await administration.updateUser(platform, user.id, { version: user.version, active: false });
  const [header = "", claims = "", signature = ""] = expiring.accessToken.split(".");
  const forged = base64url({
    ...JSON.parse(Buffer.from(claims, "base64url").toString()),
    exp: 4_000_000_000,
  });
  return {
    "an expired session": expiring.accessToken,
    "a session that was ended": ended.accessToken,
    "a session of an inactive user": accessToken,
    "a refresh token": expiring.refreshToken,
    "a session with other claims": `${header}.${forged}.${signature}`,
    "a session without a signature": `${base64url({ alg: "none", typ: "at+jwt" })}.${forged}.`,
    "a session signed with another secret": `${header}.${forged}.${hmac(`${header}.${forged}`, "another secret")}`,
  };
}

async function tokensOf(issuer: Issuer, tenant: string): Promise<Readonly<Record<string, string>>> {
  const { key, name: iss, audience: aud } = issuer;
  const claims = { iss, aud, sub: "ada", tenant, role: "owner", exp: 4_000_000_000 };
  const other = await createIssuerKey(key.kid);
  const head = base64url({ alg: "HS256", kid: key.kid, typ: "JWT" });
  const body = base64url(claims);
  return {
    "an issuer's token that has expired": await key.sign({ ...claims, exp: 1_700_000_000 }),
    "an issuer's token that is not valid yet": await key.sign({ ...claims, nbf: 3_900_000_000 }),
    "an issuer's token for somebody else": await key.sign({ ...claims, aud: "another" }),
    "another issuer's token": await key.sign({ ...claims, iss: "https://another.example" }),
    "an issuer's token of another key": await other.sign(claims),
    // RFC 8725, 2.1: the public key taken for a shared secret, and no algorithm at all.
    "an issuer's token with the algorithm HS256": `${head}.${body}.${hmac(`${head}.${body}`, key.publicPem)}`,
    "an issuer's token with the algorithm none": `${base64url({ alg: "none", kid: key.kid })}.${body}.`,
    "an issuer's token cut short": (await key.sign(claims)).slice(0, -20),
  };
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const hmac = (text: string, secret: string): string =>
  createHmac("sha256", secret).update(text).digest("base64url");
