// What goes in as a secret comes out of nothing that anybody is shown.

import { expect, it } from "vitest";
import { GatewayError } from "../../../src/core/errors.ts";
import { administered, makeTenant, nowMs, ofUser, platform } from "./administered.ts";

const canary = (i: number) => `canary-${i}-of-all-secrets`;

it("no answer, error or audit entry holds a password, key, hash or client secret", async () => {
  const all = await administered();
  const { administration } = all;
  const { version } = await makeTenant(all);
  const shown: unknown[] = [];
  const keep = async <T>(asked: Promise<T>): Promise<T> => {
    const answer = await asked;
    shown.push(answer);
    return answer;
  };

  await keep(
    administration.createUser(platform, { tenantId: "acme", email: "o@example.com", role: "owner" }),
  );
  const user = await keep(
    administration.createUser(platform, {
      tenantId: "acme",
      email: "a@example.com",
      role: "developer",
      password: canary(1),
    }),
  );
  const changed = await keep(
    administration.updateUser(platform, user.id, { version: user.version, password: canary(2) }),
  );
  await administration.changePassword(ofUser(changed), { current: canary(2), next: canary(3) });
  await administration
    .changePassword(ofUser(changed), { current: canary(4), next: canary(5) })
    .catch((error: unknown) => {
      shown.push(error instanceof GatewayError ? [error.message, error.fields] : error);
    });
  await administration
    .createUser(platform, { tenantId: "acme", email: "\n", role: "viewer", password: canary(6).repeat(50) })
    .catch((error: unknown) => {
      shown.push(error instanceof GatewayError ? [error.message, error.fields] : error);
    });

  const made = await administration.createApiKey(platform, { tenantId: "acme", name: "a" });
  const rotated = await administration.rotateApiKey(platform, made.apiKey.id, {
    version: made.apiKey.version,
    overlapSeconds: 60,
  });
  shown.push(made.apiKey, rotated.apiKey);
  const bcryptHash = `$2b$10$${"canary".padEnd(53, "h")}`;
  await keep(
    administration.importApiKeys(platform, {
      tenantId: "acme",
      keys: [{ name: "b", prefix: "sk-old", bcryptHash }],
    }),
  );
  await keep(
    administration
      .importApiKeys(platform, {
        tenantId: "acme",
        keys: [{ name: "c", prefix: "sk-old", bcryptHash: `${bcryptHash}x` }],
      })
      .catch((error: unknown) => (error instanceof GatewayError ? [error.message, error.fields] : error)),
  );
  const first = {
    tenantId: "acme",
    issuer: "https://login.example.com",
    clientId: "a",
    clientSecret: canary(7),
  };
  const sso = await keep(administration.setSsoConfig(platform, first));
  await keep(
    administration.setSsoConfig(platform, {
      tenantId: "acme",
      version: sso.version,
      clientSecret: canary(8),
    }),
  );
  await keep(administration.updateTenant(platform, "acme", { version, name: "Acme" }));

  for (const tenantId of ["acme", "default", "platform"]) {
    shown.push(await administration.auditLog(platform, { first: 200, tenantId }));
  }
  shown.push(
    await administration.users(platform, { first: 200 }),
    await administration.apiKeys(platform, { first: 200 }),
    await administration.tenants(platform, { first: 200 }),
    await administration.ssoConfig(platform, "acme"),
    all.noted,
    all.faults,
  );
  const text = JSON.stringify(shown, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  const found = await all.directory.keyById(made.apiKey.id);
  const hashes = [found?.credential.hash?.hash, found?.credential.previousHash?.hash];
  expect(hashes.every((hash) => hash !== undefined)).toBe(true);
  const secrets = ["canary", "$2b$10$", "$digest$", made.secret, rotated.secret, ...hashes];
  expect(secrets.filter((secret) => secret !== undefined && text.includes(secret))).toEqual([]);
  expect(text).toContain("passwordChanged");
  expect(text).toContain("secretChanged");
  expect(text).toContain("clientSecretChanged");
  expect(text).toContain(String(nowMs));
});
