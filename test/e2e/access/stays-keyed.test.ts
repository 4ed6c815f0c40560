// A gateway that has asked for keys goes on asking for them: what a tenant does with its own keys opens nothing.

import { afterEach, expect, it } from "vitest";
import { configurationOf, createGateway, type RunningGateway } from "../../../src/gateway.ts";
import { keylessPrincipal } from "../../support/principals.ts";

const open: RunningGateway[] = [];
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});

const local = {
  credential: undefined,
  remoteAddress: "127.0.0.1",
  host: "localhost:8080",
  origin: undefined,
};

async function begin(): Promise<RunningGateway> {
  const gateway = await createGateway(
    configurationOf({
      DATABASE_URL: "sqlite::memory:",
      SLUICE_SECRET: "a secret that is long enough to be one",
      LOG_LEVEL: "silent",
      OPENAI_API_KEY: "k",
    }),
  );
  open.push(gateway);
  return gateway;
}

it("when its last key is deleted", async () => {
  const gateway = await begin();
  const { administration, access } = gateway;
  const permissions = ["api_keys:create", "api_keys:delete"] as const;
  const { apiKey, secret } = await administration.createApiKey(keylessPrincipal, { name: "k", permissions });
  const by = await access.authenticate({ ...local, credential: secret });
  await administration.deleteApiKey(by, apiKey.id, apiKey);
  expect(access.keyless).toBe(false);
  await expect(access.authenticate(local)).rejects.toMatchObject({ code: "unauthenticated" });
});

it("when the tenant that has all the keys is deleted", async () => {
  const { administration, access } = await begin();
  const tenant = await administration.createTenant(keylessPrincipal, { id: "acme", name: "Acme" });
  await administration.importApiKeys(keylessPrincipal, {
    tenantId: "acme",
    keys: [
      {
        name: "k",
        prefix: "abcdef",
        bcryptHash: "$2b$04$abcdefghijklmnopqrstuuJ9sO0cJ2yq3z5gkS3xk2dPZ8l9b7e8K",
        permissions: ["api_keys:create"],
      },
    ],
  });
  await administration.deleteTenant(keylessPrincipal, "acme", tenant);
  expect(access.keyless).toBe(false);
});
