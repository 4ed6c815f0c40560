// The variables that a provider is set up by, from what is known of its kind.

import type { KindDefaults } from "../core/kind-defaults.ts";

export interface ProviderVariables {
  readonly kind: string;
  /** Its key, or its address where it needs no key: without it the provider is not there. */
  readonly loading: string;
  /** What has to be said besides, as nothing is known in its place. */
  readonly needed: readonly string[];
  /** All that the set-up takes. */
  readonly all: readonly string[];
  /** Those that nobody may see. */
  readonly secret: ReadonlySet<string>;
}

/** Of the kinds that the environment configures. */
export const providerVariables = (kinds: readonly KindDefaults[]): readonly ProviderVariables[] =>
  kinds.flatMap((kind) => {
    const { env, settings, defaultBaseUrl, defaultModel, listsModels } = kind;
    if (env === undefined) return [];
    const keys = settings.filter(({ standsForKey }) => standsForKey === true);
    const required = settings.filter((setting) => setting.required && setting.standsForKey !== true);
    return [
      {
        kind: kind.kind,
        loading: env.loadedBy === "baseUrl" ? env.baseUrl : env.apiKey,
        needed: [
          ...(defaultBaseUrl === undefined ? [env.baseUrl] : []),
          ...required.map(({ variable }) => variable),
          ...(defaultModel === undefined && !listsModels ? [env.model] : []),
        ],
        all: [env.apiKey, env.baseUrl, env.model, ...settings.map(({ variable }) => variable)],
        secret: new Set([env.apiKey, ...keys.map(({ variable }) => variable)]),
      },
    ];
  });

/** Those of the variables that have a value. */
export const valuesOf = (
  variables: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    variables.flatMap((variable) => {
      const value = environment[variable] ?? "";
      return value === "" ? [] : [[variable, value]];
    }),
  );
