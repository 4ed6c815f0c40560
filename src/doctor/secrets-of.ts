import type { Configuration } from "../config/configuration.ts";
import type { KindDefaults } from "../core/kind-defaults.ts";

/** Everything in the configuration that must not be shown. */
export function secretsOf(
  { settings, providers }: Configuration,
  kinds: readonly KindDefaults[],
): readonly string[] {
  const credentials = providers.flatMap(({ kind, apiKeys, settings: own }) => {
    const standing = kinds.find((known) => known.kind === kind)?.settings ?? [];
    const values = standing.filter(({ standsForKey }) => standsForKey === true).map(({ key }) => own[key]);
    return [...apiKeys, ...values.filter((value) => typeof value === "string")];
  });
  const { apiKeys, secret, secretPrevious, metricsToken, databaseUrl, redisUrl } = settings;
  const passwords = [databaseUrl, redisUrl ?? ""].flatMap(passwordsOf);
  return [
    ...apiKeys,
    secret ?? "",
    ...secretPrevious,
    metricsToken ?? "",
    ...credentials,
    ...passwords,
  ].filter((each) => each !== "");
}

/** As it is written in the URL, and as it is meant. */
function passwordsOf(url: string): readonly string[] {
  const password = URL.canParse(url) ? new URL(url).password : "";
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
