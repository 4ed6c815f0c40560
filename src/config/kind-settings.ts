// The settings that only one kind of provider has, from the environment and from an entry. What stands for the
// key is read elsewhere.

import type { KindDefaults, KindSetting, SettingValue } from "../core/kind-defaults.ts";
import { ConfigurationError } from "./configuration.ts";
import type { ConfigurationSources } from "./configuration-sources.ts";
import { type ProviderEntry, providerKeys } from "./provider-schema.ts";

export type SettingValues = Readonly<Record<string, SettingValue>>;

export interface EntryContext {
  readonly entry: ProviderEntry;
  /** For messages. */
  readonly place: string;
  /** For what the entry does not say; absent: nothing else says it. */
  readonly environment: ConfigurationSources["environment"] | undefined;
}

/** @throws ConfigurationError */
export function variableSettings(
  kind: KindDefaults,
  environment: ConfigurationSources["environment"],
): SettingValues {
  return collected(ownSettings(kind), (setting) => {
    const found = settingInEnvironment(setting, environment);
    if (found !== undefined || !setting.required) return found;
    throw new ConfigurationError(`environment: ${setting.variable}: is missing. ${kind.kind} needs it.`);
  });
}

/** What an entry does not say comes from the environment. @throws ConfigurationError */
export function entrySettings(
  kind: KindDefaults,
  { entry, place, environment }: EntryContext,
): SettingValues {
  const known = [...providerKeys, ...kind.settings.map(({ key }) => key)];
  for (const key of Object.keys(entry)) {
    if (known.includes(key)) continue;
    throw new ConfigurationError(
      `${place}.${key}: is no key of the kind ${kind.kind}. There are: ${known.join(", ")}.`,
    );
  }
  return collected(ownSettings(kind), (setting) => {
    const found =
      settingOfEntry(setting, { entry, place }) ??
      (environment === undefined ? undefined : settingInEnvironment(setting, environment));
    if (found !== undefined || !setting.required) return found;
    const elsewhere = environment === undefined ? "" : `, or set ${setting.variable}`;
    throw new ConfigurationError(`${place}.${setting.key}: is missing. Write it${elsewhere}.`);
  });
}

const ownSettings = ({ settings }: KindDefaults): readonly KindSetting[] =>
  settings.filter(({ standsForKey }) => standsForKey !== true);

/** The models that settings name, in their order. */
export const modelsNamed = ({ settings: known }: KindDefaults, settings: SettingValues): readonly string[] =>
  known.flatMap(({ key, namesModels }) => {
    const found = settings[key];
    return namesModels === true && typeof found === "object" ? Object.keys(found) : [];
  });

/** Settings that have a value, by key. */
export function collected(
  settings: readonly KindSetting[],
  read: (setting: KindSetting) => SettingValue | undefined,
): SettingValues {
  const found: Record<string, SettingValue> = {};
  for (const setting of settings) {
    const value = read(setting);
    if (value !== undefined) found[setting.key] = value;
  }
  return found;
}

/** Values are never part of a message: some are secrets. */
export function settingOfEntry(
  { key, form }: KindSetting,
  { entry, place }: Pick<EntryContext, "entry" | "place">,
): SettingValue | undefined {
  const found = entry[key];
  if (found === undefined || found === "") return undefined;
  if (form === "text" && typeof found === "string") return found;
  if (form === "map" && isTextMap(found)) return found;
  const allowed = form === "text" ? "a text; put it in quotes" : "a mapping of names to texts";
  throw new ConfigurationError(`${place}.${key}: must be ${allowed}.`);
}

const isTextMap = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((each) => typeof each === "string" && each !== "");

export function settingInEnvironment(
  { variable, form }: KindSetting,
  environment: ConfigurationSources["environment"],
): SettingValue | undefined {
  const found = environment[variable];
  if (found === undefined || found.trim() === "") return undefined;
  if (form === "text") return found.trim();
  const pairs = new Map<string, string>();
  for (const [i, pair] of found.split(",").entries()) {
    if (pair.trim() === "") continue;
    const [name = "", ...rest] = pair.split("=").map((each) => each.trim());
    const value = rest.join("=");
    if (name !== "" && value !== "" && !pairs.has(name)) {
      pairs.set(name, value);
      continue;
    }
    const fault = pairs.has(name) ? "has the name of one before it" : "is not";
    throw new ConfigurationError(
      `environment: ${variable}: must be name=value, with commas between several; number ${i + 1} ${fault}.`,
    );
  }
  return Object.fromEntries(pairs);
}
