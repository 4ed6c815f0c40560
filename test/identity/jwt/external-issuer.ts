// Suites over an issuer's key set: each test has a new one over real HTTP, and a new check of its tokens.

import { afterEach, beforeEach } from "vitest";
import {
  createExternalTokenCheck,
  type ExternalTokenPorts,
} from "../../../src/identity/jwt/external-token-check.ts";
import { createIssuerKey, type JwksServer, startJwksServer } from "../../support/jwks-server.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { createSessionDirectory } from "../../support/session-directory.ts";
import { presented } from "../../support/test-sessions.ts";

export const issuer = "https://issuer.example.com";

export const [first, second, third, curve] = await Promise.all([
  createIssuerKey("first"),
  createIssuerKey("second"),
  createIssuerKey("third"),
  createIssuerKey("curve", "ES256"),
]);

export type ExternalIssuer = Awaited<ReturnType<typeof startExternalIssuer>>;

async function startExternalIssuer(server: JwksServer) {
  server.show([first]);
  const clock = createManualClock();
  const directory = createSessionDirectory(clock);
  await directory.putTenant({ id: "acme", limits: { requestsPerMinute: 7 } });
  const create = (options: Partial<ExternalTokenPorts> = {}) =>
    createExternalTokenCheck({
      issuer,
      audience: "sluice",
      jwksUrl: server.url,
      algorithms: ["RS256", "ES256"],
      clockSkewSeconds: 30,
      tenantClaim: "tenant",
      roleClaim: "role",
      store: directory.store,
      clock,
      fetch,
      ...options,
    });
  const external = create();
  const nowSeconds = () => Math.floor(clock.epochMs() / 1_000);
  return {
    server,
    clock,
    directory,
    external,
    create,
    nowSeconds,
    claims: (change: Readonly<Record<string, unknown>> = {}) => ({
      iss: issuer,
      aud: "sluice",
      sub: "subject-1",
      exp: nowSeconds() + 3_600,
      tenant: "acme",
      role: "developer",
      ...change,
    }),
    check: (token: string) => external.check(token, presented),
  };
}

/** To be called once in a file. */
export function useExternalIssuer(): () => ExternalIssuer {
  let at: ExternalIssuer | undefined;
  const started = (): ExternalIssuer => {
    if (at === undefined) throw new Error("The issuer was not started.");
    return at;
  };
  beforeEach(async () => {
    at = await startExternalIssuer(await startJwksServer());
  });
  afterEach(() => started().server.close());
  return started;
}
