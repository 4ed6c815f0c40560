// From flags, environment, `.env` and the YAML file to one configuration. Per key: flag before environment
// before `.env` before file before default.

import type { ConfigurationSource } from "../core/snapshot.ts";
import {
  type Configuration,
  ConfigurationError,
  type ProviderConfiguration,
  type RouteConfiguration,
  type Settings,
} from "./configuration.ts";
import { flagOf, type Setting, type SettingKey, settingTable } from "./setting-table.ts";
import type { FileConfiguration } from "./yaml-file.ts";

/** What the configuration has to know of a kind of provider. */
export interface KindDefaults {
  readonly kind: string;
  readonly env: {
    readonly apiKey: string;
    readonly baseUrl: string;
    readonly model: string;
    readonly priority: string;
  };
  readonly defaultBaseUrl: string;
  readonly defaultModel: string;
  /** Its place in the automatic route among kinds of one priority; lower is earlier. */
  readonly defaultOrder: number;
}

export interface ConfigurationSources {
  /** By name, as `http-port`. */
  readonly flags: Readonly<Record<string, string>>;
  /** The process's environment over `.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file: { readonly path: string; readonly content: FileConfiguration } | undefined;
  readonly kinds: readonly KindDefaults[];
}

/** @throws ConfigurationError */
export function loadConfiguration(sources: ConfigurationSources): Configuration {
  checkFlagNames(sources.flags);
  checkFileKeys(sources.file);
  const settings: Settings = {
    host: read("host", sources),
    httpPort: read("httpPort", sources),
    grpcPort: read("grpcPort", sources),
    databaseUrl: read("databaseUrl", sources),
    apiKeys: read("apiKeys", sources),
    authRequired: read("authRequired", sources),
    keylessNetworks: read("keylessNetworks", sources),
    allowedHosts: read("allowedHosts", sources),
    loggingPolicy: read("loggingPolicy", sources),
    bodyKeepMaxBytes: read("bodyKeepMaxBytes", sources),
    recordQueueMax: read("recordQueueMax", sources),
    maxBodyBytes: read("maxBodyBytes", sources),
    logLevel: read("logLevel", sources),
  };
  const providers = loadProviders(sources);
  const routes = fileRoutes(sources.file, providers);
  const useCases = fileUseCases(sources.file, routes);
  return { settings, providers, routes, useCases };
}

type ValueOf<K extends SettingKey> = (typeof settingTable)[K] extends Setting<infer T> ? T : never;

function read<K extends SettingKey>(key: K, sources: ConfigurationSources): ValueOf<K>;
function read(key: SettingKey, { flags, environment, file }: ConfigurationSources): unknown {
  const { variable, kind, fallback } = settingTable[key];
  const inFile = file?.content[key];
  const found =
    value(`--${flagOf(variable)}`, flags[flagOf(variable)]) ??
    value(`environment: ${variable}`, environment[variable]) ??
    value(`${file?.path ?? ""}: ${key}`, Array.isArray(inFile) ? inFile.join(",") : inFile);
  if (found === undefined) return fallback;
  const parsed = kind.parse(found.text);
  if (parsed !== undefined) return parsed;
  const shown = key === "apiKeys" ? "something else" : `"${found.text.slice(0, 80)}"`;
  throw new ConfigurationError(`${found.place}: must be ${kind.allowed}; found ${shown}.`);
}

const value = (place: string, found: unknown): { place: string; text: string } | undefined =>
  typeof found === "string" || typeof found === "number" || typeof found === "boolean"
    ? String(found) === ""
      ? undefined
      : { place, text: String(found) }
    : undefined;

function checkFlagNames(flags: Readonly<Record<string, string>>): void {
  const known = Object.values(settingTable).map(({ variable }) => flagOf(variable));
  for (const flag of Object.keys(flags)) {
    if (known.includes(flag)) continue;
    throw new ConfigurationError(`--${flag}: is no flag. There are: --${known.join(", --")}.`);
  }
}

function checkFileKeys(file: ConfigurationSources["file"]): void {
  const known = [...Object.keys(settingTable), "providers", "routes", "useCases"];
  for (const key of Object.keys(file?.content ?? {})) {
    if (known.includes(key)) continue;
    throw new ConfigurationError(`${file?.path}: ${key}: is no key. There are: ${known.join(", ")}.`);
  }
}

function loadProviders(sources: ConfigurationSources): readonly ProviderConfiguration[] {
  const declared = fileProviders(sources);
  const named = new Set(declared.map((provider) => provider.name));
  // The file may take a key from the environment by ${NAME}: its entry then stands for that provider.
  const found = sources.kinds.flatMap((kind) =>
    named.has(kind.kind) ? [] : environmentProvider(kind, sources.environment),
  );
  return [...declared, ...found.sort((a, b) => orderOf(a, sources) - orderOf(b, sources))];
}

const orderOf = (provider: ProviderConfiguration, { kinds }: ConfigurationSources): number =>
  kinds.find(({ kind }) => kind === provider.kind)?.defaultOrder ?? kinds.length;

function environmentProvider(
  kind: KindDefaults,
  environment: ConfigurationSources["environment"],
): readonly ProviderConfiguration[] {
  const apiKey = environment[kind.env.apiKey];
  if (apiKey === undefined || apiKey === "") return [];
  const source: ConfigurationSource = "environment";
  return [
    {
      name: kind.kind,
      kind: kind.kind,
      source,
      apiKey,
      baseUrl: baseUrl(
        `environment: ${kind.env.baseUrl}`,
        environment[kind.env.baseUrl] ?? kind.defaultBaseUrl,
      ),
      models: [environment[kind.env.model] ?? kind.defaultModel],
      priority: priority(kind.env.priority, environment[kind.env.priority]),
    },
  ];
}

function baseUrl(place: string, found: string): string {
  if (URL.canParse(found) && /^https?:/.test(found)) return found.replace(/\/+$/, "");
  throw new ConfigurationError(`${place}: must be an http or https address; found "${found.slice(0, 80)}".`);
}

function priority(variable: string, found: string | undefined): number {
  if (found === undefined || found === "") return 0;
  if (/^-?\d{1,6}$/.test(found)) return Number(found);
  throw new ConfigurationError(
    `environment: ${variable}: must be a whole number; found "${found.slice(0, 80)}".`,
  );
}

function fileProviders({ file, kinds, environment }: ConfigurationSources): readonly ProviderConfiguration[] {
  return Object.entries(file?.content.providers ?? {}).map(([name, entry]) => {
    const place = `${file?.path}: providers.${name}`;
    const kind = kinds.find((known) => known.kind === entry.kind);
    if (kind === undefined) {
      const known = kinds.map((each) => each.kind).join(", ");
      throw new ConfigurationError(`${place}.kind: must be one of ${known}; found "${entry.kind}".`);
    }
    const apiKey = entry.apiKey ?? environment[kind.env.apiKey];
    if (apiKey === undefined || apiKey === "") {
      throw new ConfigurationError(`${place}.apiKey: is missing. Write it, or set ${kind.env.apiKey}.`);
    }
    const models = [
      ...new Set([entry.model ?? entry.models?.[0] ?? kind.defaultModel, ...(entry.models ?? [])]),
    ];
    return {
      name,
      kind: kind.kind,
      source: "file",
      apiKey,
      baseUrl: baseUrl(`${place}.baseUrl`, entry.baseUrl ?? kind.defaultBaseUrl),
      models,
      priority: entry.priority ?? 0,
    };
  });
}

function fileRoutes(
  file: ConfigurationSources["file"],
  providers: readonly ProviderConfiguration[],
): readonly RouteConfiguration[] {
  return Object.entries(file?.content.routes ?? {}).map(([name, entry]) => {
    for (const [i, { provider }] of entry.targets.entries()) {
      if (providers.some((known) => known.name === provider)) continue;
      const known = providers.map((each) => each.name).join(", ") || "none";
      throw new ConfigurationError(
        `${file?.path}: routes.${name}.targets[${i}].provider: "${provider}" is not configured. There are: ${known}.`,
      );
    }
    return { name, source: "file", strategy: entry.strategy ?? "priority", targets: entry.targets };
  });
}

function fileUseCases(
  file: ConfigurationSources["file"],
  routes: readonly RouteConfiguration[],
): Readonly<Record<string, string>> {
  const useCases = Object.entries(file?.content.useCases ?? {});
  for (const [name, { route }] of useCases) {
    if (route === "default" || routes.some((known) => known.name === route)) continue;
    const known = ["default", ...routes.map((each) => each.name)].join(", ");
    throw new ConfigurationError(
      `${file?.path}: useCases.${name}.route: "${route}" is no route. There are: ${known}.`,
    );
  }
  return Object.fromEntries(useCases.map(([name, { route }]) => [name, route]));
}
