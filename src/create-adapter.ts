// The adapter that speaks to a configured provider by one of its keys.

import { ConfigurationError } from "./config/configuration.ts";
import type { KeyedProvider } from "./config/keyed-provider.ts";
import type { NetworkCheck } from "./config/networks.ts";
import type { Provider } from "./core/provider.ts";
import type { ProviderKind } from "./providers/provider-kind.ts";
import { providerTable } from "./providers/provider-table.ts";
import { withheldCredentials } from "./providers/withheld-credentials.ts";
import { upstreamTimeouts } from "./upstream-timeouts.ts";

/**
 * @param allowsAddress of providers that are configured at run time; the others may be anywhere
 * @throws ConfigurationError
 */
export function createAdapter(provider: KeyedProvider, allowsAddress: NetworkCheck): Provider {
  const { name, kind, source, baseUrl, apiKey, api, settings } = provider;
  const entry = Object.hasOwn(providerTable, kind) ? providerTable[kind] : undefined;
  if (entry === undefined) throw new ConfigurationError(`${name}: "${kind}" is no kind of provider.`);
  const adapter = entry.create({
    baseUrl,
    apiKey,
    api,
    settings,
    timeouts: upstreamTimeouts(provider),
    allowsAddress: source === "managed" ? allowsAddress : undefined,
  });
  return withheldCredentials(adapter, credentialsOf(provider, entry));
}

/** Its key, and what stands for one. */
function credentialsOf(
  { apiKey, settings: own }: KeyedProvider,
  { settings }: ProviderKind,
): readonly string[] {
  const standing = settings.filter(({ standsForKey }) => standsForKey === true).map(({ key }) => own[key]);
  return [apiKey, ...standing.filter((value) => typeof value === "string")];
}
