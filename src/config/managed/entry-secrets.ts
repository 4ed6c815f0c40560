// A managed provider's entry is kept in two parts: what anybody may see, and what is sealed.

import type { JsonObject } from "../../core/json.ts";
import type { KindDefaults } from "../../core/kind-defaults.ts";
import type { SealedText, StoredProvider } from "../../core/managed/config-store.ts";
import type { KeyRing } from "../secret/key-ring.ts";
import { openSealed, sealText } from "../secret/sealed-text.ts";

/** Of the key ring. */
export const sealingPurpose = "provider-secrets/aes-256-gcm";

const placeOf = (provider: string) => ({
  table: "provider_configs",
  row: provider,
  column: "secret_ciphertext",
});

/** The keys of an entry whose values are secrets. */
export const secretKeys = ({ settings }: Pick<KindDefaults, "settings">): readonly string[] => [
  "apiKey",
  "apiKeys",
  ...settings.filter(({ standsForKey }) => standsForKey === true).map(({ key }) => key),
];

/** @throws ConfigurationError where there is no secret of the server's and none can be made */
export function sealEntry(
  entry: JsonObject,
  {
    name,
    kind,
    keys,
  }: { readonly name: string; readonly kind: Pick<KindDefaults, "settings">; readonly keys: KeyRing },
): Pick<StoredProvider, "config" | "secret"> {
  const secret = new Set(secretKeys(kind));
  const members = Object.entries(entry);
  const hidden = members.filter(([key]) => secret.has(key));
  return {
    config: Object.fromEntries(members.filter(([key]) => !secret.has(key))),
    secret:
      hidden.length === 0
        ? undefined
        : sealText(JSON.stringify(Object.fromEntries(hidden)), placeOf(name), keys),
  };
}

/** The whole entry. @throws ConfigurationError for a secret that does not open */
export function openEntry({ name, config, secret }: StoredProvider, keys: KeyRing): JsonObject {
  if (secret === undefined) return config;
  return { ...config, ...membersOf(secret, name, keys) };
}

function membersOf(secret: SealedText, name: string, keys: KeyRing): object {
  const members: unknown = JSON.parse(openSealed(secret, placeOf(name), keys));
  return typeof members === "object" && members !== null ? members : {};
}
