import type { KindDefaults } from "../core/kind-defaults.ts";
import { ConfigurationError } from "./configuration.ts";

/** The name of one of the kind's APIs, as it was written. @throws ConfigurationError for another name */
export function checkedApi(
  found: string | undefined,
  { place, kind }: { readonly place: string; readonly kind: KindDefaults | undefined },
): string | undefined {
  if (found === undefined || kind?.apis.includes(found) === true) return found;
  const shown = `found "${found.slice(0, 80)}"`;
  throw new ConfigurationError(
    kind === undefined || kind.apis.length === 0
      ? `${place}: ${kind?.kind ?? "this provider"} has one API only: leave it out; ${shown}.`
      : `${place}: must be ${kind.apis.join(" or ")}; ${shown}.`,
  );
}
