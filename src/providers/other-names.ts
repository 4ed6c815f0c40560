// Which other names the vendors take for a model, by kinds and by the providers' settings.

import type { KindSettings } from "./provider-kind.ts";
import type { OtherNames } from "../core/pricing/other-names.ts";
import { providerTable } from "./provider-table.ts";

interface NamedProvider {
  readonly name: string;
  readonly settings: KindSettings;
}

export function otherNamesIn(providers: readonly NamedProvider[]): OtherNames {
  const settings = new Map(providers.map((provider) => [provider.name, provider.settings]));
  return ({ provider, kind }, model) => {
    const entry = Object.hasOwn(providerTable, kind) ? providerTable[kind] : undefined;
    return entry?.otherNames?.(model, settings.get(provider) ?? {}) ?? [];
  };
}
