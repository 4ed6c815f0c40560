// Client secrets of sign-on after a change of the server's own secret.

import type { Administration } from "./administration.ts";
import type { Steps } from "./administration-steps.ts";

export const createReseal =
  (steps: Steps): Administration["resealClientSecrets"] =>
  async (by) => {
    steps.permit(by, "resealClientSecrets");
    const left = await steps.ask((store) => store.underOtherKeys(steps.secrets.keyIds()));
    const problems: string[] = [];
    let resealed = 0;
    for (const tenantId of left.ssoConfigs) {
      const found = await steps.ask((store) => store.ssoConfig(tenantId));
      const sealed = found?.credential.clientSecret;
      if (found === undefined || sealed === undefined) continue;
      const { hasClientSecret: _, createdAtMs: __, updatedAtMs: ___, version, ...ssoConfig } = found.config;
      const opened = opening(() => steps.secrets.openClientSecret(sealed, tenantId));
      if (opened.secret === undefined) {
        problems.push(`${tenantId}: ${opened.problem}`);
        continue;
      }
      const clientSecret = steps.secrets.sealClientSecret(opened.secret, tenantId);
      await steps.write(by, {
        changes: [{ type: "put_sso_config", ssoConfig, credential: { clientSecret }, seen: version }],
        audit: [
          {
            tenantId,
            action: "sso_config.reseal",
            target: { type: "sso_config", id: tenantId },
            hidden: { clientSecretResealed: true },
          },
        ],
      });
      resealed += 1;
    }
    return { resealed, problems, keysLeft: left.apiKeys };
  };

function opening(open: () => string): { readonly secret?: string; readonly problem?: string } {
  try {
    return { secret: open() };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : "It does not open." };
  }
}
