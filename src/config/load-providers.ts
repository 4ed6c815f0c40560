// The providers: those of the YAML file, then those that the environment has a key or an address of.

import type { KindDefaults, KindSetting, KindVariables, SettingValue } from "../core/kind-defaults.ts";
import { checkedApi } from "./check-api.ts";
import { ConfigurationError, type ProviderConfiguration } from "./configuration.ts";
import { fileCredential, variableCredential } from "./kind-credential.ts";
import { fileSettings, modelsNamed, variableSettings } from "./kind-settings.ts";
import type { ConfigurationSources } from "./configuration-sources.ts";
import type { FileProvider } from "./yaml-file.ts";

type Environment = ConfigurationSources["environment"];

/** @throws ConfigurationError */
export function loadProviders(sources: ConfigurationSources): readonly ProviderConfiguration[] {
  const { kinds, environment, file } = sources;
  const declared = Object.entries(file?.content.providers ?? {}).map(([name, entry]) =>
    fileProvider({ name, entry, place: `${file?.path}: providers.${name}` }, sources),
  );
  const named = new Set(declared.map(({ name }) => name));
  // The file may take a key from the environment by ${NAME}: its entry then stands for that provider.
  const found = kinds
    .filter(({ kind }) => !named.has(kind))
    .toSorted((a, b) => a.defaultOrder - b.defaultOrder)
    .flatMap((kind) => environmentProvider(kind, environment));
  return [...declared, ...found];
}

function environmentProvider(kind: KindDefaults, environment: Environment): readonly ProviderConfiguration[] {
  const { env } = kind;
  if (env === undefined) return [];
  const credential = variableCredential(kind, environment);
  const address = addressIn(environment, env);
  const loaded =
    env.loadedBy === "baseUrl"
      ? address !== undefined
      : env.loadedBy === "apiKey"
        ? credential.apiKey !== ""
        : credential.variable !== undefined;
  if (!loaded) return [];
  const settings = { ...variableSettings(kind, environment), ...credential.settings };
  const written = address ?? defaultBaseUrl(kind, settings, ({ variable }) => `environment: ${variable}`);
  if (written === undefined) {
    const cause = credential.variable === undefined ? "" : ` ${credential.variable} is set without it.`;
    throw new ConfigurationError(`environment: ${addressName(env)}: is missing.${cause}`);
  }
  return [
    {
      name: kind.kind,
      kind: kind.kind,
      source: "environment",
      apiKey: credential.apiKey,
      baseUrl: baseUrl(`environment: ${addressVariable(environment, env)}`, written),
      settings,
      models: models({ model: environment[env.model] || undefined, models: undefined }, kind, settings),
      priority: priority(env.priority, environment[env.priority]),
    },
  ];
}

interface FileEntry {
  readonly name: string;
  readonly entry: FileProvider;
  readonly place: string;
}

function fileProvider(
  { name, entry, place }: FileEntry,
  { kinds, environment }: ConfigurationSources,
): ProviderConfiguration {
  const kind = kinds.find((known) => known.kind === entry.kind);
  if (kind === undefined) {
    const known = kinds.map((each) => each.kind).join(", ");
    throw new ConfigurationError(
      `${place}.kind: must be one of ${known}; found "${entry.kind.slice(0, 80)}".`,
    );
  }
  const own = fileSettings(kind, { entry, place, environment });
  const credential = fileCredential(kind, { entry, place, environment });
  const settings = { ...own, ...credential.settings };
  const written =
    entry.baseUrl ??
    defaultBaseUrl(kind, settings, ({ key }) => `${place}.${key}`) ??
    (kind.env === undefined ? undefined : addressIn(environment, kind.env));
  if (written === undefined) {
    const advice = kind.env === undefined ? "Write it." : `Write it, or set ${addressName(kind.env)}.`;
    throw new ConfigurationError(`${place}.baseUrl: is missing. ${advice}`);
  }
  return {
    name,
    kind: kind.kind,
    source: "file",
    apiKey: credential.apiKey,
    baseUrl: baseUrl(`${place}.baseUrl`, written),
    api: checkedApi(entry.api, { place: `${place}.api`, kind }),
    settings,
    models: models(entry, kind, settings),
    priority: entry.priority ?? 0,
  };
}

/** The default first, each once. */
function models(
  entry: Pick<FileProvider, "model" | "models">,
  kind: KindDefaults,
  settings: Readonly<Record<string, SettingValue>>,
): readonly string[] {
  const listed = [...(entry.models ?? []), ...modelsNamed(kind, settings)];
  const first = entry.model ?? listed[0] ?? kind.defaultModel;
  return first === undefined ? [] : [...new Set([first, ...listed])];
}

const addressIn = (environment: Environment, env: KindVariables): string | undefined =>
  environment[addressVariable(environment, env)] || undefined;

/** The variable that the address comes from. */
const addressVariable = (environment: Environment, { baseUrl: name, baseUrlAlias }: KindVariables) =>
  baseUrlAlias !== undefined && !environment[name] && environment[baseUrlAlias] ? baseUrlAlias : name;

const addressName = ({ baseUrl: name, baseUrlAlias }: KindVariables): string =>
  baseUrlAlias === undefined ? name : `${name} (or ${baseUrlAlias})`;

/** @throws ConfigurationError for a setting that cannot stand in a host's name */
const defaultBaseUrl = (
  { defaultBaseUrl: pattern, settings: known }: KindDefaults,
  settings: Readonly<Record<string, SettingValue>>,
  placeOf: (setting: KindSetting) => string,
): string | undefined =>
  pattern?.replaceAll(/\{(\w+)\}/g, (_, key: string) => {
    const found = settings[key];
    if (typeof found === "string" && /^[A-Za-z0-9-]+$/.test(found)) return found;
    const setting = known.find((each) => each.key === key);
    throw new ConfigurationError(
      `${setting === undefined ? key : placeOf(setting)}: must be letters, digits and -; ` +
        `found ${JSON.stringify(found ?? "").slice(0, 80)}.`,
    );
  });

/** It is shown to callers: what may be a secret has no place in it, and would not be sent either. */
function baseUrl(place: string, found: string): string {
  const url = URL.canParse(found) ? new URL(found) : undefined;
  const isAddress = url !== undefined && /^https?:$/.test(url.protocol) && /^https?:\/\//i.test(found);
  if (isAddress && url.username === "" && url.password === "" && !/[?#]/.test(found)) {
    return found.replace(/\/+$/, "");
  }
  const shown = found
    .replace(/^([a-z+.-]+:\/\/)?.*@/is, "$1…@")
    .replace(/([?#]).*$/s, "$1…")
    .slice(0, 80);
  throw new ConfigurationError(
    `${place}: must be an http or https address without user name, ? and #; found "${shown}".`,
  );
}

function priority(variable: string, found: string | undefined): number {
  if (found === undefined || found === "") return 0;
  if (/^-?\d{1,6}$/.test(found)) return Number(found);
  throw new ConfigurationError(
    `environment: ${variable}: must be a whole number; found "${found.slice(0, 80)}".`,
  );
}
