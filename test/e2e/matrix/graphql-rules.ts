// The rule of each field by which operations of GraphQL begin.

import type { User } from "../../../src/core/directory/entries.ts";
import type { Variables } from "./ask-graphql.ts";
import { directoryRules } from "./directory-rules.ts";
import type { Cell, Rule } from "./rule.ts";
import { password, type SeededTenant } from "./tenants.ts";

type GraphqlRule = Rule<Variables>;

const messages = [{ role: "USER", parts: [{ text: "Hello" }] }];
const forTenant = ({ at }: Cell) => ({ labels: { tenant: at.id } });

/** Of what all tenants have in common. */
const shared = { elsewhere: "ok", ask: () => ({}) } as const;

const chat: GraphqlRule = {
  needs: "gateway:use",
  elsewhere: "permission_denied",
  ask: (cell) => ({ input: { messages, ...forTenant(cell) } }),
};

const queries: Readonly<Record<string, GraphqlRule>> = {
  apiKey: {
    needs: "api_keys:view",
    elsewhere: "nothing",
    shows: true,
    ask: ({ at }) => ({ id: at.apiKey.id }),
  },
  apiKeys: {
    needs: "api_keys:view",
    elsewhere: "not_found",
    shows: true,
    ask: ({ at }) => ({ first: 5, filter: { tenant: at.id } }),
    alsoElsewhere: [
      { outcome: "nothing", ask: ({ at }) => ({ first: 5, filter: { user: at.users[0]?.id } }) },
      { outcome: "nothing", ask: ({ at }) => ({ first: 5, filter: { search: at.marker } }) },
    ],
  },
  auditLog: {
    needs: "audit:view",
    elsewhere: "not_found",
    shows: true,
    ask: ({ at }) => ({ first: 50, filter: { tenant: at.id, kind: "CHANGE" } }),
    alsoElsewhere: [
      { outcome: "not_found", ask: () => ({ filter: { tenant: "platform" } }) },
      { outcome: "nothing", ask: ({ at }) => ({ filter: { target: at.apiKey.id } }) },
      { outcome: "nothing", ask: ({ at }) => ({ filter: { actor: at.users[0]?.id } }) },
    ],
  },
  me: { needs: "credential", ...shared },
  metrics: { needs: "metrics:view", ...shared },
  models: { needs: "gateway:use", ...shared },
  permissions: { needs: "credential", ...shared },
  providers: { needs: "providers:view", ...shared },
  request: {
    needs: "requests:view",
    elsewhere: "nothing",
    shows: true,
    ask: ({ at }) => ({ id: at.requestId }),
  },
  requests: {
    needs: "requests:view",
    elsewhere: "nothing",
    shows: true,
    ask: ({ at }) => ({ first: 5, filter: { tenant: at.id, useCase: at.marker } }),
    alsoElsewhere: [
      { outcome: "nothing", ask: ({ at }) => ({ filter: { useCase: at.marker } }) },
      { outcome: "nothing", ask: ({ at }) => ({ filter: { apiKey: at.usedKeyId } }) },
    ],
  },
  roles: { needs: "credential", ...shared },
  routes: { needs: "routes:view", ...shared },
  semanticCacheReport: { needs: "metrics:view", ...shared },
  ssoConfig: {
    needs: "tenants:view",
    elsewhere: "not_found",
    shows: true,
    ask: ({ at }) => ({ tenant: at.id }),
  },
  tenant: { needs: "tenants:view", elsewhere: "nothing", shows: true, ask: ({ at }) => ({ id: at.id }) },
  tenants: {
    needs: "tenants:view",
    elsewhere: "nothing",
    shows: true,
    ask: ({ at }) => ({ filter: { search: at.marker } }),
  },
  usage: {
    needs: "usage:view",
    elsewhere: "nothing",
    shows: true,
    ask: ({ at }) => ({ ...lately(), groupBy: ["TENANT", "USE_CASE"], filter: { tenants: [at.id] } }),
    alsoElsewhere: [
      { outcome: "nothing", ask: ({ at }) => ({ ...lately(), filter: { apiKeys: [at.usedKeyId] } }) },
      { outcome: "nothing", ask: ({ at }) => ({ ...lately(), filter: { useCases: [at.marker] } }) },
    ],
  },
  user: {
    needs: "users:view",
    elsewhere: "nothing",
    shows: true,
    ask: ({ at }) => ({ id: at.users[0]?.id }),
  },
  users: {
    needs: "users:view",
    elsewhere: "not_found",
    shows: true,
    ask: ({ at }) => ({ first: 5, filter: { tenant: at.id } }),
    alsoElsewhere: [{ outcome: "nothing", ask: ({ at }) => ({ first: 5, filter: { search: at.marker } }) }],
  },
  verifyAudit: {
    needs: "audit:view",
    elsewhere: "not_found",
    ask: ({ at }) => ({ tenant: at.id }),
    alsoElsewhere: [{ outcome: "not_found", ask: () => ({ tenant: "platform" }) }],
  },
};

const lately = () => ({
  from: new Date(Date.now() - 3_600_000).toISOString(),
  to: new Date(Date.now() + 3_600_000).toISOString(),
});

const settings: Readonly<Record<string, GraphqlRule>> = {
  addProvider: {
    needs: "providers:update",
    elsewhere: "ok",
    ask: ({ make }) => ({
      input: { name: make.name(), kind: "vllm", baseUrl: "http://127.0.0.1:9", model: "m", priority: -9 },
    }),
  },
  updateProvider: {
    needs: "providers:update",
    elsewhere: "ok",
    ask: async ({ make }) => ({ name: await make.provider(), input: { priority: -8 } }),
  },
  drainProvider: {
    needs: "providers:update",
    elsewhere: "ok",
    ask: async ({ make }) => ({ name: await make.provider(), draining: true }),
  },
  removeProvider: {
    needs: "providers:update",
    elsewhere: "ok",
    ask: async ({ make }) => ({ name: await make.provider() }),
  },
  resealSecrets: { needs: "providers:update", elsewhere: "ok", ask: () => ({}) },
  addRoute: {
    needs: "routes:update",
    elsewhere: "ok",
    ask: ({ make }) => ({
      input: { name: make.name(), targets: [{ provider: "openai", model: "demo-chat" }] },
    }),
  },
  updateRoute: {
    needs: "routes:update",
    elsewhere: "ok",
    ask: async ({ make }) => ({ name: await make.route(), input: { maxRetryDelayMs: 5 } }),
  },
  drainRoute: {
    needs: "routes:update",
    elsewhere: "ok",
    ask: async ({ make }) => ({ name: await make.route(), draining: true }),
  },
  removeRoute: {
    needs: "routes:update",
    elsewhere: "ok",
    ask: async ({ make }) => ({ name: await make.route() }),
  },
};

function userOf({ users }: SeededTenant, turn: number): User {
  const user = users[turn % users.length];
  if (user === undefined) throw new Error("There is nobody.");
  return user;
}

const sessions: Readonly<Record<string, GraphqlRule>> = {
  logIn: {
    needs: "nothing",
    elsewhere: "unauthenticated",
    shows: true,
    // One knows the password of the other tenant's user.
    ask({ at, own, make }) {
      const user = userOf(at, make.turn());
      return { email: user.email, password: make.passwordOf(user), tenant: own.id };
    },
  },
  refreshSession: {
    needs: "nothing",
    elsewhere: "unauthenticated",
    shows: true,
    async ask({ at, own, make }) {
      const token = await make.refreshToken(userOf(at, 0));
      return { refreshToken: at === own ? token : `${token.slice(0, -1)}${token.endsWith("0") ? "1" : "0"}` };
    },
  },
  changePassword: {
    needs: "user",
    elsewhere: "ok",
    ask: ({ caller, make }) => ({
      current: caller.user?.password ?? password,
      next: `another password ${make.number()}`,
    }),
    after({ caller }, { next }) {
      if (caller.user !== undefined) caller.user.password = String(next);
    },
  },
  logOut: { needs: "credential", ...shared, after: ({ caller, make }) => make.logInAgain(caller) },
  logOutEverywhere: { needs: "credential", ...shared, after: ({ caller, make }) => make.logInAgain(caller) },
};

const named = (type: string, rules: Readonly<Record<string, GraphqlRule>>) =>
  Object.fromEntries(Object.entries(rules).map(([name, rule]) => [`${type}.${name}`, rule]));

/** By type and field. */
export const graphqlRules: Readonly<Record<string, GraphqlRule>> = {
  ...named("Query", queries),
  ...named("Mutation", { ...settings, ...directoryRules, ...sessions }),
  ...named("Mutation", {
    chat,
    embed: {
      needs: "gateway:use",
      elsewhere: "permission_denied",
      ask: (cell) => ({
        input: { model: "openai/demo-embed", inputs: [{ text: "Hello" }], ...forTenant(cell) },
      }),
    },
  }),
  "Subscription.chat": chat,
  // A stream is no tenant's but its caller's: to all others there is none.
  "Subscription.resumeChat": {
    needs: "gateway:use",
    says: "not_found",
    elsewhere: "not_found",
    ask: () => ({ id: "019a0000-0000-7000-8000-000000000000" }),
  },
};
