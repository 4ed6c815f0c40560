// The secrets of the directory: keys are made, passwords hashed, client secrets sealed.

import { randomBytes } from "node:crypto";
import type { KeyRing } from "../config/secret/key-ring.ts";
import { openSealed, type SealedPlace, sealText } from "../config/secret/sealed-text.ts";
import type { DirectorySecrets } from "../core/directory/secrets.ts";
import { apiKeyBytes, formatApiKey, prefixOf } from "./api-key-format.ts";
import { newHash } from "./keys/key-hashes.ts";
import { createPasswords } from "./passwords.ts";

/** What client secrets of sign-on are sealed with, and nothing else. */
export const clientSecretPurpose = "sso-client-secret";

export interface DirectorySecretsParts {
  /** For `apiKeyHashPurpose`. */
  readonly keys: KeyRing;
  /** For `clientSecretPurpose`. */
  readonly sealingKeys: KeyRing;
}

/** What makes or seals throws ConfigurationError where the server's secret cannot be made. */
export function createDirectorySecrets({ keys, sealingKeys }: DirectorySecretsParts): DirectorySecrets {
  return {
    newApiKey(environment) {
      const secret = formatApiKey(environment, randomBytes(apiKeyBytes));
      return { secret, prefix: prefixOf(secret), hash: newHash(secret, keys) };
    },
    ...createPasswords(),
    sealClientSecret: (secret, tenantId) => sealText(secret, placeOf(tenantId), sealingKeys),
    keyIds: () => [keys, sealingKeys].map((ring) => ring.current().id),
    openClientSecret: (sealed, tenantId) => openSealed(sealed, placeOf(tenantId), sealingKeys),
  };
}

const placeOf = (tenantId: string): SealedPlace => ({
  table: "sso_configs",
  row: tenantId,
  column: "client_secret",
});
