// Makes what an operation is to be tried on, so that none is in the way of another.

import type { ApiKey, SsoConfig, Tenant, User } from "../../../src/core/directory/entries.ts";
import { platform, type ServedGateway } from "../served-gateway.ts";
import { type Caller, logInAgain, password, type SeededTenant } from "./tenants.ts";

export interface Maker {
  /** Another one each time. */
  readonly name: () => string;
  readonly number: () => number;
  /** Counts from 0, by itself. */
  readonly turn: () => number;
  readonly user: (at: SeededTenant) => Promise<User>;
  readonly apiKey: (at: SeededTenant) => Promise<ApiKey>;
  readonly tenant: () => Promise<Tenant>;
  readonly tenantNow: (at: SeededTenant) => Promise<Tenant>;
  /** As it is now; made where there is none. */
  readonly ssoConfig: (at: SeededTenant) => Promise<SsoConfig>;
  readonly provider: () => Promise<string>;
  readonly route: () => Promise<string>;
  readonly passwordOf: (user: User) => string;
  readonly refreshToken: (of: User) => Promise<string>;
  readonly logInAgain: (caller: Caller) => Promise<void>;
}

export function createMaker(
  served: ServedGateway,
  { issuer, callers }: { readonly issuer: string; readonly callers: readonly Caller[] },
): Maker {
  const { administration, settings, sessions } = served.gateway;
  const passwordOf = ({ id }: User) =>
    callers.find(({ user }) => user?.id === id)?.user?.password ?? password;
  let made = 0;
  const number = () => (made += 1);
  let turns = 0;
  const name = () => `made-${number()}`;
  return {
    name,
    number,
    turn: () => turns++,
    user: ({ id, marker }) =>
      administration.createUser(platform, {
        tenantId: id,
        email: `${name()}@${marker}.example`,
        role: "viewer",
      }),
    apiKey: async ({ id, marker }) =>
      (await administration.createApiKey(platform, { tenantId: id, name: `${name()} ${marker}` })).apiKey,
    tenant: () => administration.createTenant(platform, { id: name(), name: "Made" }),
    async tenantNow({ id }) {
      const [tenant] = await administration.tenantsById(platform, [id]);
      if (tenant === undefined) throw new Error(`The tenant ${id} is gone.`);
      return tenant;
    },
    ssoConfig: async ({ id, marker }) =>
      (await administration.ssoConfig(platform, id)) ??
      administration.setSsoConfig(platform, { tenantId: id, issuer, clientId: `client-${marker}` }),
    async provider() {
      const provider = {
        name: name(),
        kind: "vllm",
        baseUrl: "http://127.0.0.1:9",
        model: "m",
        priority: -9,
      };
      return (await settings.addProvider(platform, provider)).name;
    },
    async route() {
      const targets = [{ provider: "openai", model: "demo-chat" }];
      return (await settings.addRoute(platform, { name: name(), targets })).name;
    },
    passwordOf,
    async refreshToken(user) {
      const { email, tenantId } = user;
      const origin = { address: `192.0.2.${number() % 256}` };
      return (await sessions.logIn({ email, password: passwordOf(user), tenantId }, origin)).refreshToken;
    },
    logInAgain: async (caller) => void (await logInAgain(served, caller)),
  };
}
