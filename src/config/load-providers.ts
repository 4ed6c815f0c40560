// The providers: those of the YAML file, then those that the environment has a key or an address of.

import type { KindDefaults, KindVariables } from "../core/kind-defaults.ts";
import { failureThresholdRange, resetTimeoutSecondsRange } from "./breaker-ranges.ts";
import { checkProvider, modelsOf } from "./check-provider.ts";
import { ConfigurationError, type PolicyConfiguration, type ProviderConfiguration } from "./configuration.ts";
import type { ConfigurationSources } from "./configuration-sources.ts";
import { variableCredential } from "./kind-credential.ts";
import { variableSettings } from "./kind-settings.ts";
import {
  addressIn,
  addressName,
  addressVariable,
  checkedBaseUrl,
  defaultBaseUrl,
} from "./provider-address.ts";
import { integer } from "./setting-values.ts";

type Environment = ConfigurationSources["environment"];

/** @throws ConfigurationError */
export function loadProviders(sources: ConfigurationSources): readonly ProviderConfiguration[] {
  const { kinds, environment, file } = sources;
  const declared = Object.entries(file?.content.providers ?? {}).map(([name, entry]) =>
    checkProvider({
      name,
      source: "file",
      entry,
      place: `${file?.path}: providers.${name}`,
      kinds,
      environment,
    }),
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
        ? credential.apiKeys.length > 0
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
      apiKeys: credential.apiKeys,
      baseUrl: checkedBaseUrl(`environment: ${addressVariable(environment, env)}`, written),
      settings,
      models: modelsOf({ model: environment[env.model] || undefined, models: undefined }, kind, settings),
      priority: priority(env.priority, environment[env.priority]),
      policy: variablePolicy(env, environment),
    },
  ];
}

function priority(variable: string, found: string | undefined): number {
  if (found === undefined || found === "") return 0;
  if (/^-?\d{1,6}$/.test(found)) return Number(found);
  throw new ConfigurationError(
    `environment: ${variable}: must be a whole number; found "${found.slice(0, 80)}".`,
  );
}

/** Undefined where nothing is set. */
function variablePolicy(env: KindVariables, environment: Environment): PolicyConfiguration | undefined {
  const read = (variable: string, [min, max]: readonly [number, number]): number | undefined => {
    const found = environment[variable];
    if (found === undefined || found === "") return undefined;
    const kind = integer(min, max);
    const value = kind.parse(found);
    if (value !== undefined) return value;
    throw new ConfigurationError(
      `environment: ${variable}: must be ${kind.allowed}; found "${found.slice(0, 80)}".`,
    );
  };
  const failureThreshold = read(env.breakerFailureThreshold, failureThresholdRange);
  const resetTimeoutSeconds = read(env.breakerResetTimeoutSeconds, resetTimeoutSecondsRange);
  if (failureThreshold === undefined && resetTimeoutSeconds === undefined) return undefined;
  return {
    breaker: {
      failureThreshold,
      resetTimeoutMs: resetTimeoutSeconds && resetTimeoutSeconds * 1_000,
    },
  };
}
