// What is asked for a provider is enough for the gateway to start with it.

import { expect, it } from "vitest";
import { loadConfiguration } from "../../src/config/load-configuration.ts";
import { providerTable } from "../../src/providers/provider-table.ts";
import { providerVariables } from "../../src/setup/provider-variables.ts";

const kinds = Object.values(providerTable);
const load = (environment: Record<string, string>) =>
  loadConfiguration({ flags: {}, environment, file: undefined, kinds }).providers;
const valueOf = (variable: string) => (/_(URL|ENDPOINT)$/.test(variable) ? "http://127.0.0.1:9" : "x1");
const valuesOf = (variables: readonly string[]) =>
  Object.fromEntries(variables.map((variable) => [variable, valueOf(variable)]));

it.each(providerVariables(kinds).map((provider) => [provider.kind, provider] as const))(
  "%s is there with its variables, and has a model where it cannot tell its own",
  (kind, { loading, needed, all, secret }) => {
    const [provider, ...others] = load(valuesOf([loading, ...needed]));
    expect(others).toEqual([]);
    expect(provider).toMatchObject({ kind });
    if (providerTable[kind]?.listsModels === false) expect(provider?.models).toHaveLength(1);
    expect(all).toEqual(expect.arrayContaining([loading, ...needed]));
    expect(new Set(all).size).toBe(all.length);
    for (const variable of all) expect(secret.has(variable)).toBe(/KEY|TOKEN/.test(variable));
  },
);
