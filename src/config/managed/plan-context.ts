// What plans of changes have in common.

import { GatewayError, invalidRequest } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { KindDefaults } from "../../core/kind-defaults.ts";
import type { StoredConfiguration } from "../../core/managed/config-store.ts";
import type { ChangeOptions } from "../../core/managed/settings-changes.ts";
import type { ConfigurationSource, Snapshot } from "../../core/snapshot.ts";
import type { ProviderConfiguration } from "../configuration.ts";
import type { NetworkCheck } from "../networks.ts";
import type { KeyRing } from "../secret/key-ring.ts";

export interface PlanContext {
  readonly kinds: readonly KindDefaults[];
  readonly keys: KeyRing;
  readonly snapshot: () => Snapshot;
  /** Where managed providers may be. */
  readonly allowsAddress: NetworkCheck;
  /** Those that a route may name, as they are in force. */
  readonly providers: () => readonly ProviderConfiguration[];
}

type What = "provider" | "route";

/** @throws GatewayError `not_found`, `conflict`, or `invalid_request` for what is not managed */
export function managedRow<K extends What>(
  stored: StoredConfiguration,
  { what, name, version, snapshot }: ChangeOptions & { what: K; name: string; snapshot: Snapshot },
): StoredConfiguration[`${K}s`][number] {
  const row = stored[`${what}s`].find((each) => each.name === name);
  if (row === undefined) throw notManaged(what, name, snapshot[`${what}s`].get(name)?.source);
  assertVersion(version, row.version);
  return row;
}

/** Far more than anybody writes; all of it is read at every start, and by every gateway of the database. */
const maxRows = 1_000;
const maxEntryChars = 65_536;

/** @throws GatewayError `invalid_request` */
export function assertShort(entry: JsonObject): void {
  const { length } = JSON.stringify(entry);
  if (length > maxEntryChars) {
    throw invalidRequest("input", `has ${length} characters as JSON; ${maxEntryChars} are allowed`);
  }
}

/** @throws GatewayError `conflict` */
export function assertVersion(seen: number | undefined, version: number | undefined): void {
  if (seen === undefined || seen === version) return;
  throw new GatewayError({
    code: "conflict",
    field: "version",
    message: `version: It was changed meanwhile: its version is ${version ?? "none"} now. Read it, and change it again.`,
  });
}

/** @throws GatewayError `conflict` for a name in use, or where there is no room for another one */
export function assertFree(
  stored: StoredConfiguration,
  { what, name, snapshot }: { readonly what: What; readonly name: string; readonly snapshot: Snapshot },
): void {
  // What is left out of the snapshot has its name all the same.
  const isStored = stored[`${what}s`].some((row) => row.name === name);
  const source = isStored ? "managed" : snapshot[`${what}s`].get(name)?.source;
  if (source === undefined) return assertRoom(stored, what);
  throw new GatewayError({
    code: "conflict",
    field: "name",
    message: `name: There is a ${what} "${name}" already, ${origins[source]}. Take another name.`,
  });
}

function assertRoom(stored: StoredConfiguration, what: What): void {
  if (stored[`${what}s`].length < maxRows) return;
  throw new GatewayError({
    code: "conflict",
    message: `There are ${maxRows} managed ${what}s, and no more may be. Remove one that nobody needs.`,
  });
}

function notManaged(what: What, name: string, source: ConfigurationSource | undefined): GatewayError {
  if (source !== undefined) return invalidRequest("name", `"${name}" is ${origins[source]}: change it there`);
  return new GatewayError({
    code: "not_found",
    field: "name",
    message: `name: There is no ${what} "${name.slice(0, 80)}".`,
  });
}

const origins = {
  environment: "configured in the environment",
  file: "configured in the configuration file",
  default: "the gateway's own",
  library: "added by the process that holds the gateway",
  managed: "managed in the database",
} as const satisfies Record<ConfigurationSource, string>;
