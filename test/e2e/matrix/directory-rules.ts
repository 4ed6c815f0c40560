// The rules of the mutations that change tenants, users, keys and sign-on.

import type { Variables } from "./ask-graphql.ts";
import type { Cell, Rule } from "./rule.ts";

const ofUser = async ({ at, make }: Cell) => {
  const { id, version } = await make.user(at);
  return { id, version };
};
const ofKey = async ({ at, make }: Cell) => {
  const { id, version } = await make.apiKey(at);
  return { id, version };
};

/** By field. */
export const directoryRules: Readonly<Record<string, Rule<Variables>>> = {
  createTenant: {
    needs: "tenants:create",
    elsewhere: "ok",
    ask: ({ make }) => ({ input: { id: make.name(), name: "New" } }),
  },
  updateTenant: {
    needs: "tenants:update",
    elsewhere: "not_found",
    ask: async ({ at, make }) => {
      const { id, version } = await make.tenantNow(at);
      return { id, version, input: { name: `Tenant ${make.name()} ${at.marker}` } };
    },
  },
  deleteTenant: {
    needs: "tenants:delete",
    elsewhere: "not_found",
    async ask({ caller, at, make }) {
      const { id, version } = await (caller.permissions?.has("tenants:delete")
        ? make.tenant()
        : make.tenantNow(at));
      return { id, version };
    },
  },
  createUser: {
    needs: "users:create",
    elsewhere: "not_found",
    ask: ({ at, make }) => ({
      input: { tenantId: at.id, email: `${make.name()}@${at.marker}.example`, role: "VIEWER" },
    }),
  },
  updateUser: {
    needs: "users:update",
    elsewhere: "not_found",
    ask: async (cell) => ({ ...(await ofUser(cell)), input: { name: "Another name" } }),
  },
  deleteUser: { needs: "users:delete", elsewhere: "not_found", ask: ofUser },
  createApiKey: {
    needs: "api_keys:create",
    elsewhere: "not_found",
    ask: ({ at, make }) => ({ input: { tenantId: at.id, name: `${make.name()} ${at.marker}` } }),
    alsoElsewhere: [
      {
        outcome: "invalid_request",
        ask: ({ at, make }) => ({ input: { name: make.name(), userId: at.users[0]?.id } }),
      },
    ],
  },
  updateApiKey: {
    needs: "api_keys:update",
    elsewhere: "not_found",
    ask: async (cell) => ({ ...(await ofKey(cell)), input: { name: "Another name" } }),
  },
  rotateApiKey: {
    needs: "api_keys:update",
    elsewhere: "not_found",
    ask: async (cell) => ({ ...(await ofKey(cell)), overlapSeconds: 60 }),
  },
  revokeApiKey: { needs: "api_keys:delete", elsewhere: "not_found", ask: ofKey },
  deleteApiKey: { needs: "api_keys:delete", elsewhere: "not_found", ask: ofKey },
  importApiKeys: {
    needs: "api_keys:create",
    elsewhere: "not_found",
    ask: ({ at, make }) => ({
      input: {
        tenantId: at.id,
        keys: [
          {
            name: make.name(),
            prefix: "old_key_",
            bcryptHash: `$2b$04$${String(make.number()).padStart(53, "a")}`,
          },
        ],
      },
    }),
  },
  setSsoConfig: {
    needs: "tenants:update",
    elsewhere: "not_found",
    ask: async ({ at, make }) => ({
      version: (await make.ssoConfig(at)).version,
      input: { tenantId: at.id, clientId: `client-${at.marker}-${make.number()}` },
    }),
  },
  deleteSsoConfig: {
    needs: "tenants:update",
    elsewhere: "not_found",
    ask: async ({ at, make }) => ({ tenant: at.id, version: (await make.ssoConfig(at)).version }),
    after: async ({ at, make }) => void (await make.ssoConfig(at)),
  },
};
