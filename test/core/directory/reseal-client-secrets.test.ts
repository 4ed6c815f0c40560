import { expect, it } from "vitest";
import { keylessPrincipal, principalOfRole } from "../../support/principals.ts";
import { administered, makeTenant, secrets } from "./administered.ts";

it("client secrets that an earlier secret sealed are sealed anew, and say so in the trail", async () => {
  const all = await administered();
  for (const id of ["acme", "beta"]) {
    await makeTenant(all, id);
    const input = {
      tenantId: id,
      issuer: "https://login.example.com",
      clientId: "a",
      clientSecret: `of ${id}`,
    };
    await all.administration.setSsoConfig(keylessPrincipal, input);
  }
  const before = await all.administration.ssoConfig(keylessPrincipal, "acme");
  expect(await all.administration.resealClientSecrets(keylessPrincipal)).toEqual({
    resealed: 2,
    problems: [],
    keysLeft: 0,
  });
  const found = await all.directory.ssoConfig("acme");
  expect(found?.config).toMatchObject({ clientId: "a", hasClientSecret: true });
  expect(found?.config.version).toBeGreaterThan(before?.version ?? 0);
  const sealed = found?.credential.clientSecret;
  expect(sealed && secrets.openClientSecret(sealed, "acme")).toBe("of acme");
  const trail = await all.administration.auditLog(keylessPrincipal, { first: 1, tenantId: "acme" });
  expect(trail.entries).toMatchObject([
    { action: "sso_config.reseal", after: { clientSecretResealed: true } },
  ]);
});

it("whoever changes no provider reseals nothing", async () => {
  const { administration } = await administered();
  await expect(administration.resealClientSecrets(principalOfRole("owner"))).rejects.toMatchObject({
    code: "permission_denied",
  });
});
