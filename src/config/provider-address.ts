// Where a provider is asked.

import type { KindDefaults, KindSetting, KindVariables, SettingValue } from "../core/kind-defaults.ts";
import { ConfigurationError } from "./configuration.ts";
import type { ConfigurationSources } from "./configuration-sources.ts";

type Environment = ConfigurationSources["environment"];

export const addressIn = (environment: Environment, env: KindVariables): string | undefined =>
  environment[addressVariable(environment, env)] || undefined;

/** The variable that the address comes from. */
export const addressVariable = (environment: Environment, { baseUrl: name, baseUrlAlias }: KindVariables) =>
  baseUrlAlias !== undefined && !environment[name] && environment[baseUrlAlias] ? baseUrlAlias : name;

export const addressName = ({ baseUrl: name, baseUrlAlias }: KindVariables): string =>
  baseUrlAlias === undefined ? name : `${name} (or ${baseUrlAlias})`;

/** @throws ConfigurationError for a setting that cannot stand in a host's name */
export const defaultBaseUrl = (
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
export function checkedBaseUrl(place: string, found: string): string {
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
