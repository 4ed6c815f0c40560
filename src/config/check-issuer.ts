// The settings of an external issuer, of which one alone means nothing: whoever set it would believe that its tokens are
// looked at.

import { ConfigurationError, type Settings } from "./configuration.ts";
import { settingTable } from "./setting-table.ts";

const together = ["jwtIssuer", "jwtAudience", "jwtJwksUrl"] as const;

/** @throws ConfigurationError that names what is missing */
export function checkIssuer(settings: Pick<Settings, (typeof together)[number]>): void {
  const namesOf = (keys: readonly (typeof together)[number][]): string =>
    keys.map((key) => settingTable[key].variable).join(" and ");
  const given = together.filter((key) => settings[key] !== undefined);
  const missing = together.filter((key) => settings[key] === undefined);
  if (given.length === 0 || missing.length === 0) return;
  throw new ConfigurationError(
    "JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS_URL go together. " +
      `Set ${namesOf(missing)} too, or take ${namesOf(given)} out.`,
  );
}
