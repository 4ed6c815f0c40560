// What a provider is asked with: its key, or what its kind takes in the key's place. A credential comes
// whole from one place, the file or the environment: halves of two would not fit.

import type { KindDefaults, KindSetting } from "../core/kind-defaults.ts";
import { ConfigurationError } from "./configuration.ts";
import {
  collected,
  type EntryContext,
  settingInEnvironment,
  settingOfEntry,
  type SettingValues,
} from "./kind-settings.ts";
import type { ConfigurationSources } from "./configuration-sources.ts";

export interface Credential {
  /** Empty: none. */
  readonly apiKey: string;
  /** What stands for the key. */
  readonly settings: SettingValues;
  /** Where it was found in the environment. */
  readonly variable?: string | undefined;
}

/** The key wins over what stands in its place. */
export function variableCredential(
  kind: KindDefaults,
  environment: ConfigurationSources["environment"],
): Credential {
  const apiKey = kind.env === undefined ? "" : (environment[kind.env.apiKey] ?? "").trim();
  if (apiKey !== "") return { apiKey, settings: {}, variable: kind.env?.apiKey };
  const parts = standingForKey(kind);
  const settings = collected(parts, (part) => settingInEnvironment(part, environment));
  const whole = parts.length > 0 && missingOf(parts, settings) === undefined;
  return whole ? { apiKey: "", settings, variable: parts[0]?.variable } : { apiKey: "", settings: {} };
}

/** @throws ConfigurationError for none, half a one, or two */
export function fileCredential(kind: KindDefaults, { entry, place, environment }: EntryContext): Credential {
  const parts = standingForKey(kind);
  const settings = collected(parts, (part) => settingOfEntry(part, { entry, place }));
  const [written] = Object.keys(settings);
  const apiKey = entry.apiKey ?? "";
  if (written !== undefined) {
    if (apiKey !== "") {
      throw new ConfigurationError(`${place}.${written}: stands in the place of apiKey. Write one of them.`);
    }
    const missing = missingOf(parts, settings);
    if (missing === undefined) return { apiKey: "", settings };
    throw new ConfigurationError(`${place}.${missing.key}: is missing. ${written} is nothing without it.`);
  }
  if (apiKey !== "") return { apiKey, settings: {} };
  const found = variableCredential(kind, environment);
  if (found.variable !== undefined || kind.keyOptional) return found;
  const instead = parts.filter(({ required }) => required).map(({ key }) => key);
  const variable = kind.env === undefined ? "" : `, or set ${kind.env.apiKey}`;
  const advice = instead.length === 0 ? "" : `, or write ${instead.join(" and ")} in its place`;
  throw new ConfigurationError(`${place}.apiKey: is missing. Write it${variable}${advice}.`);
}

const standingForKey = ({ settings }: KindDefaults): readonly KindSetting[] =>
  settings.filter(({ standsForKey }) => standsForKey === true);

const missingOf = (parts: readonly KindSetting[], settings: SettingValues): KindSetting | undefined =>
  parts.find(({ key, required }) => required && settings[key] === undefined);
