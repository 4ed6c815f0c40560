// One provider's entry, of the YAML file or of a change at run time: what is wrong is refused in the same words.

import type { KindDefaults, SettingValue } from "../core/kind-defaults.ts";
import type { ConfigurationSource, ProbePolicy } from "../core/snapshot.ts";
import { checkedApi } from "./check-api.ts";
import { ConfigurationError, type ProviderConfiguration } from "./configuration.ts";
import type { ConfigurationSources } from "./configuration-sources.ts";
import { checkName } from "./entry-name.ts";
import { entryCredential } from "./kind-credential.ts";
import { entrySettings, modelsNamed } from "./kind-settings.ts";
import { parseEntry } from "./parse-entry.ts";
import { policyOfEntry } from "./policy-schema.ts";
import { addressIn, addressName, checkedBaseUrl, defaultBaseUrl } from "./provider-address.ts";
import { mayShowOfProvider, type ProviderEntry, providerSchema } from "./provider-schema.ts";

export interface ProviderToCheck {
  readonly name: string;
  readonly source: ConfigurationSource;
  /** As it was written. */
  readonly entry: unknown;
  /** Messages begin with it: `sluice.yaml: providers.mine`. */
  readonly place: string;
  readonly kinds: readonly KindDefaults[];
  /** Where the credential, the address and the kind's settings are looked for that are not written; absent: nowhere. */
  readonly environment?: ConfigurationSources["environment"] | undefined;
}

/** @throws ConfigurationError that names the place and the field, and tells no secret */
export function checkProvider(given: ProviderToCheck): ProviderConfiguration {
  const { name, source, place, environment } = given;
  checkName(name, place);
  const entry = parseEntry(providerSchema, given.entry, { place, mayShow: mayShowOfProvider });
  const kind = kindNamed(entry.kind, given);
  const own = entrySettings(kind, { entry, place, environment });
  const credential = entryCredential(kind, { entry, place, environment });
  const settings = { ...own, ...credential.settings };
  return {
    name,
    kind: kind.kind,
    source,
    apiKeys: credential.apiKeys,
    baseUrl: checkedBaseUrl(`${place}.baseUrl`, addressOf(entry, { kind, settings, place, environment })),
    api: checkedApi(entry.api, { place: `${place}.api`, kind }),
    settings,
    models: modelsOf(entry, kind, settings),
    priority: entry.priority ?? 0,
    policy: policyOfEntry(entry),
    connectMs: entry.timeouts?.connectMs,
    test: entry.test,
    probe: checkedProbe(entry.probe, { place: `${place}.probe`, kind }),
  };
}

function kindNamed(found: string, { place, kinds }: ProviderToCheck): KindDefaults {
  const kind = kinds.find((known) => known.kind === found);
  if (kind !== undefined) return kind;
  const known = kinds.map((each) => each.kind).join(", ");
  throw new ConfigurationError(`${place}.kind: must be one of ${known}; found "${found.slice(0, 80)}".`);
}

interface AddressContext extends Pick<ProviderToCheck, "place" | "environment"> {
  readonly kind: KindDefaults;
  readonly settings: Readonly<Record<string, SettingValue>>;
}

function addressOf(entry: ProviderEntry, { kind, settings, place, environment }: AddressContext): string {
  const written = entry.baseUrl ?? defaultBaseUrl(kind, settings, ({ key }) => `${place}.${key}`);
  if (written !== undefined) return written;
  const { env } = kind;
  if (env === undefined || environment === undefined) {
    throw new ConfigurationError(`${place}.baseUrl: is missing. Write it.`);
  }
  const found = addressIn(environment, env);
  if (found !== undefined) return found;
  throw new ConfigurationError(`${place}.baseUrl: is missing. Write it, or set ${addressName(env)}.`);
}

/** The default first, each once. */
export function modelsOf(
  entry: Pick<ProviderEntry, "model" | "models">,
  kind: KindDefaults,
  settings: Readonly<Record<string, SettingValue>>,
): readonly string[] {
  const listed = [...(entry.models ?? []), ...modelsNamed(kind, settings)];
  const first = entry.model ?? listed[0] ?? kind.defaultModel;
  return first === undefined ? [] : [...new Set([first, ...listed])];
}

function checkedProbe(
  probe: ProviderEntry["probe"],
  { place, kind }: { readonly place: string; readonly kind: KindDefaults },
): ProbePolicy | undefined {
  if (probe === undefined) return undefined;
  if (kind.listsModels) return { intervalMs: probe.intervalSeconds * 1_000, timeoutMs: probe.timeoutMs };
  throw new ConfigurationError(
    `${place}: a probe asks for the list of models, and ${kind.kind} has none. Leave it out: its calls tell how it is.`,
  );
}
