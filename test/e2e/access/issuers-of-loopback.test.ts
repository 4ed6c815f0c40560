// Issuers on the gateway's own machine are for a gateway that serves nobody else: behind a proxy, whoever may set a
// tenant's sign-on must not reach by it what listens beside the gateway.

import { afterEach, expect, it } from "vitest";
import { configurationOf, createGateway, type RunningGateway } from "../../../src/gateway.ts";
import { keylessPrincipal } from "../../support/principals.ts";

type Environment = Readonly<Record<string, string>>;

const open: RunningGateway[] = [];
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});

async function setLoopbackIssuer(environment: Environment): Promise<unknown> {
  const gateway = await createGateway(
    configurationOf({
      DATABASE_URL: "sqlite::memory:",
      SLUICE_SECRET: "a secret that is long enough to be one",
      LOG_LEVEL: "silent",
      OPENAI_API_KEY: "k",
      ...environment,
    }),
  );
  open.push(gateway);
  return gateway.administration.setSsoConfig(keylessPrincipal, {
    issuer: "http://127.0.0.1:9",
    clientId: "sluice",
  });
}

it.each<Environment>([
  {},
  { PUBLIC_URL: "http://localhost:8080" },
  { TRUST_PROXY: "127.0.0.1", EGRESS_NETWORKS: "127.0.0.1" },
])("they are taken with %j", async (environment) => {
  await expect(setLoopbackIssuer(environment)).resolves.toMatchObject({ issuer: "http://127.0.0.1:9" });
});

it.each<Environment>([
  { TRUST_PROXY: "127.0.0.1" },
  { PUBLIC_URL: "https://llm.example.com" },
  { HOST: "0.0.0.0" },
])("they are refused with %j", async (environment) => {
  await expect(setLoopbackIssuer(environment)).rejects.toMatchObject({ code: "invalid_request" });
});
