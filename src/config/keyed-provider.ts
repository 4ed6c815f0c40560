// A provider with one of its keys: what an adapter is made of.

import type { ProviderConfiguration } from "./configuration.ts";

export interface KeyedProvider extends ProviderConfiguration {
  /** Empty: none is sent. */
  readonly apiKey: string;
}

/** One for each key, and one for a provider without any. */
export const byKey = (provider: ProviderConfiguration): readonly [KeyedProvider, ...KeyedProvider[]] => {
  const [first = "", ...others] = provider.apiKeys;
  const withKey = (apiKey: string): KeyedProvider => ({ ...provider, apiKey });
  return [withKey(first), ...others.map(withKey)];
};
