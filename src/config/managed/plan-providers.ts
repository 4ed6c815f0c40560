// Changes of managed providers, planned: checked against what is stored, and nothing done yet.

import { GatewayError, invalidRequest } from "../../core/errors.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { ConfigChange, StoredConfiguration, StoredProvider } from "../../core/managed/config-store.ts";
import type { ChangeOptions } from "../../core/managed/settings-changes.ts";
import type { ProviderInput } from "../../core/managed/settings-input.ts";
import { checkProvider } from "../check-provider.ts";
import { ConfigurationError, type ProviderConfiguration } from "../configuration.ts";
import { hostAllowed } from "../egress.ts";
import type { NetworkCheck } from "../networks.ts";
import { changedProvider } from "./changed-entry.ts";
import { openEntry, sealEntry, secretKeys } from "./entry-secrets.ts";
import { assertFree, assertShort, managedRow, type PlanContext } from "./plan-context.ts";
import { checkedProvider, place } from "./refused-input.ts";
import { embedderNamed, providersNamed } from "./route-entry.ts";

export interface PlannedProvider {
  readonly change: ConfigChange;
  /** As it would be. */
  readonly provider: ProviderConfiguration;
}

export function planNewProvider(
  stored: StoredConfiguration,
  { name, kind, ...input }: ProviderInput & { readonly name: string; readonly kind: string },
  context: PlanContext,
): PlannedProvider {
  assertFree(stored, { what: "provider", name, snapshot: context.snapshot() });
  return planned({ name, draining: false, entry: changedProvider({ kind }, input) }, context);
}

export function planProviderUpdate(
  stored: StoredConfiguration,
  { name, version, ...input }: ProviderInput & ChangeOptions & { readonly name: string },
  context: PlanContext,
): PlannedProvider {
  const row = managedRow(stored, { what: "provider", name, version, snapshot: context.snapshot() });
  const before = openedEntry(row, { input, context });
  const entry = changedProvider(before, input);
  const plan = planned({ name, draining: row.draining, entry }, context);
  assertKeyStaysHome({ name, before, entry, input }, plan.provider, context);
  return plan;
}

export function planProviderDrain(
  stored: StoredConfiguration,
  { name, version, draining }: ChangeOptions & { readonly name: string; readonly draining: boolean },
  context: PlanContext,
): ConfigChange {
  const row = managedRow(stored, { what: "provider", name, version, snapshot: context.snapshot() });
  return { type: "put_provider", provider: { ...row, draining } };
}

/** The same secret, sealed with the server's current one. @throws ConfigurationError for one that does not open */
export function planReseal(stored: StoredConfiguration, name: string, context: PlanContext): ConfigChange {
  const row = managedRow(stored, {
    what: "provider",
    name,
    version: undefined,
    snapshot: context.snapshot(),
  });
  const kind = context.kinds.find((each) => each.kind === row.config["kind"]) ?? { settings: [] };
  const sealed = sealEntry(openEntry(row, context.keys), { name, kind, keys: context.keys });
  return { type: "put_provider", provider: { name, draining: row.draining, ...sealed } };
}

export function planProviderRemoval(
  stored: StoredConfiguration,
  { name, version }: ChangeOptions & { readonly name: string },
  context: PlanContext,
): ConfigChange {
  managedRow(stored, { what: "provider", name, version, snapshot: context.snapshot() });
  assertInNoRoute(stored, { name, what: "a target", named: providersNamed });
  assertInNoRoute(stored, {
    name,
    what: "the embedding provider",
    named: (config) => embedderNamed(config) ?? [],
  });
  return { type: "remove_provider", name };
}

/** @throws GatewayError that names the routes */
function assertInNoRoute(
  stored: StoredConfiguration,
  {
    name,
    what,
    named,
  }: {
    readonly name: string;
    readonly what: string;
    readonly named: (config: JsonObject) => string | readonly string[];
  },
): void {
  const routes = stored.routes.filter(({ config }) => [named(config)].flat().includes(name));
  if (routes.length === 0) return;
  const names = routes.map((route) => route.name).join(", ");
  const [them, which] = routes.length === 1 ? ["it", "the route"] : ["them", "the routes"];
  throw invalidRequest("name", `"${name}" is ${what} of ${which} ${names}. Change or remove ${them} first`);
}

function planned(
  {
    name,
    draining,
    entry,
  }: { readonly name: string; readonly draining: boolean; readonly entry: JsonObject },
  { kinds, keys, allowsAddress }: PlanContext,
): PlannedProvider {
  assertShort(entry);
  const provider = checkedProvider(() => checkProvider({ name, source: "managed", entry, place, kinds }));
  assertOutside(provider, allowsAddress);
  const kind = kinds.find((each) => each.kind === provider.kind);
  if (kind === undefined) throw new Error(`The kind ${provider.kind} was checked and is none.`);
  const sealed = sealEntry(entry, { name, kind, keys });
  return { provider, change: { type: "put_provider", provider: { name, draining, ...sealed } } };
}

/** A name is looked up, and its addresses are checked, with each connection. */
function assertOutside({ baseUrl }: ProviderConfiguration, allowsAddress: NetworkCheck): void {
  if (hostAllowed(new URL(baseUrl), allowsAddress) !== false) return;
  throw invalidRequest(
    "baseUrl",
    "is in a private network. Providers that are added at run time have public addresses, unless EGRESS_NETWORKS " +
      "names their network; or declare it in the configuration file",
  );
}

/**
 * Without its secret, where that does not open and is given again.
 * @throws GatewayError where it is not: it would be lost to a gateway that can open it
 */
function openedEntry(
  row: StoredProvider,
  { input, context }: { readonly input: ProviderInput; readonly context: PlanContext },
): JsonObject {
  try {
    return openEntry(row, context.keys);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const { kind } = row.config;
    const given = givenBy(input);
    if (secretKeysOf(kind, context).some((key) => given.get(key) !== undefined)) return row.config;
    const { message } = error;
    throw new GatewayError({ code: "invalid_request", field: "apiKey", message: `apiKey: ${message}` });
  }
}

interface ProviderChange {
  readonly name: string;
  readonly before: JsonObject;
  readonly entry: JsonObject;
  readonly input: ProviderInput;
}

/** Whoever may change an address, but does not know the key, must not have it sent there. */
function assertKeyStaysHome(
  { name, before, entry, input }: ProviderChange,
  { kind, baseUrl }: ProviderConfiguration,
  context: PlanContext,
): void {
  const given = givenBy(input);
  // Null takes away, and tells nothing of what there is.
  const kept = secretKeysOf(kind, context).filter(
    (key) => entry[key] !== undefined && (given.get(key) ?? undefined) === undefined,
  );
  if (kept.length === 0 || originBefore({ name, entry: before }, context) === new URL(baseUrl).origin) return;
  throw invalidRequest(
    "baseUrl",
    `leads to another server: give the ${kept.join(" and ")} with it. A key that is kept is sent to no other server`,
  );
}

/** Undefined: what is stored tells none that could be asked. */
function originBefore(
  { name, entry }: { readonly name: string; readonly entry: JsonObject },
  { kinds }: PlanContext,
): string | undefined {
  try {
    return new URL(checkProvider({ name, source: "managed", entry, place, kinds }).baseUrl).origin;
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

const givenBy = ({ settings, ...common }: ProviderInput): ReadonlyMap<string, unknown> =>
  new Map<string, unknown>(Object.entries({ ...settings, ...common }));

const secretKeysOf = (kind: JsonValue | undefined, { kinds }: PlanContext): readonly string[] =>
  secretKeys(kinds.find((each) => each.kind === kind) ?? { settings: [] });
