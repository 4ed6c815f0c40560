// Loads a configuration as the process would, with kinds of providers of the tests' own.

import { buildSnapshot } from "../../src/config/build-snapshot.ts";
import { type Configuration, ConfigurationError } from "../../src/config/configuration.ts";
import type { KindDefaults } from "../../src/core/kind-defaults.ts";
import { loadConfiguration } from "../../src/config/load-configuration.ts";
import { parseYamlFile } from "../../src/config/yaml-file.ts";
import type { Snapshot, Target } from "../../src/core/snapshot.ts";
import { createScriptedProvider } from "../support/scripted-provider.ts";

const variables = (prefix: string) => ({
  apiKey: `${prefix}_API_KEY`,
  baseUrl: `${prefix}_BASE_URL`,
  model: `${prefix}_MODEL`,
  priority: `${prefix}_PRIORITY`,
  breakerFailureThreshold: `${prefix}_BREAKER_FAILURE_THRESHOLD`,
  breakerResetTimeoutSeconds: `${prefix}_BREAKER_RESET_TIMEOUT_SECONDS`,
});

const plain = (name: string, defaultOrder: number): KindDefaults => ({
  kind: name,
  env: { loadedBy: "apiKey", ...variables(name.toUpperCase()) },
  keyOptional: false,
  defaultBaseUrl: `https://${name}.test/v1`,
  defaultModel: `${name}-default`,
  defaultOrder,
  listsModels: true,
  apis: [],
  settings: [],
});

/** Has no address of its own, takes a token in place of the key, and its deployments name its models. */
const hosted: KindDefaults = {
  kind: "hosted",
  env: { loadedBy: "credential", ...variables("HOSTED"), baseUrlAlias: "HOSTED_ENDPOINT" },
  keyOptional: false,
  defaultOrder: 4,
  listsModels: false,
  apis: ["chat", "responses"],
  settings: [
    { key: "apiVersion", variable: "HOSTED_VERSION", form: "text", required: false },
    { key: "deployments", variable: "HOSTED_DEPLOYMENTS", form: "map", required: false, namesModels: true },
    { key: "adToken", variable: "HOSTED_AD_TOKEN", form: "text", required: true, standsForKey: true },
  ],
};

/** Needs a region, and takes a credential of two or three parts, which alone does not load it. */
const cloud: KindDefaults = {
  kind: "cloud",
  env: { loadedBy: "apiKey", ...variables("CLOUD") },
  keyOptional: false,
  defaultBaseUrl: "https://cloud.{region}.test",
  defaultModel: "cloud-default",
  defaultOrder: 6,
  listsModels: true,
  apis: [],
  settings: [
    { key: "region", variable: "CLOUD_REGION", form: "text", required: true },
    { key: "accessKeyId", variable: "CLOUD_ID", form: "text", required: true, standsForKey: true },
    { key: "secretAccessKey", variable: "CLOUD_SECRET", form: "text", required: true, standsForKey: true },
    { key: "sessionToken", variable: "CLOUD_SESSION", form: "text", required: false, standsForKey: true },
  ],
};

/** Runs anywhere: its address loads it. */
const local: KindDefaults = {
  kind: "local",
  env: { loadedBy: "baseUrl", ...variables("LOCAL") },
  keyOptional: true,
  defaultOrder: 5,
  listsModels: true,
  apis: [],
  settings: [],
};

const compatible: KindDefaults = {
  kind: "compatible",
  keyOptional: true,
  defaultOrder: 7,
  listsModels: true,
  apis: [],
  settings: [],
};

export const kinds: readonly KindDefaults[] = [
  plain("openai", 2),
  plain("groq", 1),
  plain("anthropic", 3),
  hosted,
  local,
  cloud,
  compatible,
];

export interface Given {
  readonly flags?: Record<string, string>;
  readonly environment?: Record<string, string>;
  readonly yaml?: string;
}

export function load({ flags = {}, environment = {}, yaml }: Given): Configuration {
  const path = "sluice.yaml";
  const file = yaml === undefined ? undefined : { path, content: parseYamlFile(yaml, { path, environment }) };
  return loadConfiguration({ flags, environment, kinds, file });
}

/** What a person is told who starts with this. */
export function messageOf(given: Given): string {
  try {
    load(given);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return "accepted";
}

export const snapshotOf = (given: Given): Snapshot =>
  buildSnapshot(load(given), {
    createAdapter: () => createScriptedProvider(),
    prices: { find: () => undefined },
    modelTable: { find: () => undefined },
    loggingPolicy: "none",
  });

export const targetsOf = (given: Given, route = "default"): readonly Target[] =>
  snapshotOf(given).routes.get(route)?.targets ?? [];

/** The default route's targets. */
export const defaultRoute = (given: Given): string[] =>
  targetsOf(given).map(({ provider, model }) => `${provider.name}/${model}`);
