// What a provider is asked with: its keys, or what its kind takes in their place. A credential comes whole from
// one place, the entry or the environment: halves of two would not fit.

import type { KindDefaults, KindSetting, SettingValue } from "../core/kind-defaults.ts";
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
  readonly apiKeys: readonly string[];
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
  if (apiKey !== "") return { apiKeys: [apiKey], settings: {}, variable: kind.env?.apiKey };
  const parts = standingForKey(kind);
  const settings = collected(parts, (part) => settingInEnvironment(part, environment));
  const whole = parts.length > 0 && missingOf(parts, settings) === undefined;
  return whole ? { apiKeys: [], settings, variable: parts[0]?.variable } : { apiKeys: [], settings: {} };
}

/** @throws ConfigurationError for none, half a one, or two */
export function entryCredential(kind: KindDefaults, context: EntryContext): Credential {
  const { entry, place, environment } = context;
  const parts = standingForKey(kind);
  const settings = collected(parts, (part) => settingOfEntry(part, { entry, place }));
  for (const [name, value] of Object.entries(settings)) assertSendable(value, `${place}.${name}`);
  const [written] = Object.keys(settings);
  const { apiKeys, key } = writtenKeys(context);
  if (written !== undefined) {
    if (apiKeys.length > 0) {
      throw new ConfigurationError(`${place}.${written}: stands in the place of ${key}. Write one of them.`);
    }
    const missing = missingOf(parts, settings);
    if (missing === undefined) return { apiKeys: [], settings };
    throw new ConfigurationError(`${place}.${missing.key}: is missing. ${written} is nothing without it.`);
  }
  if (apiKeys.length > 0) return { apiKeys, settings: {} };
  const found =
    environment === undefined ? { apiKeys: [], settings: {} } : variableCredential(kind, environment);
  if (found.variable !== undefined || kind.keyOptional) return found;
  const instead = parts.filter(({ required }) => required).map((part) => part.key);
  const variable = kind.env === undefined || environment === undefined ? "" : `, or set ${kind.env.apiKey}`;
  const advice = instead.length === 0 ? "" : `, or write ${instead.join(" and ")} in its place`;
  throw new ConfigurationError(`${place}.apiKey: is missing. Write it${variable}${advice}.`);
}

/** One key, or a list of several that are used side by side. */
function writtenKeys({ entry, place }: EntryContext): {
  readonly apiKeys: readonly string[];
  readonly key: "apiKey" | "apiKeys";
} {
  const { apiKey = "", apiKeys } = entry;
  assertSendable(apiKey, `${place}.apiKey`);
  if (apiKeys === undefined) return { apiKeys: apiKey === "" ? [] : [apiKey], key: "apiKey" };
  if (apiKey !== "") {
    throw new ConfigurationError(`${place}.apiKeys: stands in the place of apiKey. Write one of them.`);
  }
  for (const [i, each] of apiKeys.entries()) {
    assertSendable(each, `${place}.apiKeys[${i}]`);
    const first = apiKeys.indexOf(each);
    if (first === i) continue;
    throw new ConfigurationError(`${place}.apiKeys[${i}]: is the same as [${first}]. Write each key once.`);
  }
  return { apiKeys, key: "apiKeys" };
}

/** What no HTTP header may have; where it is called, nobody would see which of its keys it is. */
function assertSendable(value: SettingValue, place: string): void {
  if (typeof value !== "string" || /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return;
  throw new ConfigurationError(
    `${place}: has a line end or another character that cannot be sent. Write the key alone.`,
  );
}

const standingForKey = ({ settings }: KindDefaults): readonly KindSetting[] =>
  settings.filter(({ standsForKey }) => standsForKey === true);

const missingOf = (parts: readonly KindSetting[], settings: SettingValues): KindSetting | undefined =>
  parts.find(({ key, required }) => required && settings[key] === undefined);
