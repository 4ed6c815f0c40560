// The composition root: from a configuration to a gateway. Also the library: `createGateway(…)` gives what
// all front ends use.

import { getRandomValues } from "node:crypto";
import { buildSnapshot, type SnapshotParts } from "./config/build-snapshot.ts";
import type { Configuration } from "./config/configuration.ts";
import { loadConfiguration } from "./config/load-configuration.ts";
import { createEgressRule } from "./config/egress.ts";
import type { KeyedProvider } from "./config/keyed-provider.ts";
import { createAdapters } from "./config/managed/adapters.ts";
import { createManaged } from "./config/managed/create-managed.ts";
import { createModelsAtStart } from "./config/models-at-start.ts";
import { secretFile, serverSecret } from "./config/secret/server-secret.ts";
import { policyOfSettings } from "./config/policy-in-force.ts";
import { assembleGateway } from "./core/assemble-gateway.ts";
import { withConfiguredModels } from "./core/configured-models.ts";
import type { Clock } from "./core/clock.ts";
import type { DirectoryStore, TenantRetention } from "./core/directory/directory-store.ts";
import type { ReportFault } from "./core/errors.ts";
import type { Gateway } from "./core/gateway.ts";
import { createIdSource } from "./core/ids.ts";
import { recordFamilies } from "./core/metrics/record-metrics.ts";
import { createModelLists } from "./core/model-lists.ts";
import { createOpenCalls } from "./core/open-calls.ts";
import { withConfiguredPrices } from "./core/pricing/configured-prices.ts";
import { watchMissingPrices } from "./core/pricing/missing-prices.ts";
import { TargetStates } from "./core/routing/targets/target-states.ts";
import type { ConfiguredProvider } from "./core/snapshot.ts";
import { createSnapshotHolder } from "./core/snapshot-holder.ts";
import type { Ledger } from "./core/usage/ledger.ts";
import { createAdapter } from "./create-adapter.ts";
import { createBudgets } from "./create-budgets.ts";
import { auditKeysOf, createIdentity } from "./create-identity.ts";
import { createLimits, unsharedLimits } from "./create-limits.ts";
import { createDatabase, type Database } from "./db/database.ts";
import { createRetention } from "./db/retention.ts";
import { tellBreakerChange, tellMissingPrice } from "./gateway-log.ts";
import { createModelTable } from "./providers/catalog/model-table.ts";
import { createPriceList } from "./providers/catalog/price-list.ts";
import { priceListIds, providerTable } from "./providers/provider-table.ts";
import { systemClock } from "./system-clock.ts";
import { createLog, type Log } from "./telemetry/log.ts";

export interface GatewayResources {
  readonly log?: Log;
  /** Stands between the gateway and the database's ledger. */
  readonly ledgerBefore?: (ledger: Ledger) => Ledger;
  /** Absent: the real one. */
  readonly clock?: Clock;
  /** Where the server's secret is made and kept; absent: `.sluice/secret`. */
  readonly secretFile?: string;
  /** Closed after the last call and before the database: what was started for this gateway alone. */
  readonly release?: () => Promise<void>;
  /** Hears what the start waits for, as a part of a sentence. */
  readonly waitsFor?: (what: string) => void;
}

/** The CPU of the database's thread is told apart from the serving thread's. */
export interface RunningGateway extends Gateway {
  readonly database: Pick<Database, "refused" | "cpuMs" | "flush">;
  /** Writes to the log what nobody foresaw; for front ends. */
  readonly reportFault: ReportFault;
}

/**
 * @throws ConfigurationError for what cannot be served; DatabaseError when the records cannot be kept
 */
export async function createGateway(
  configuration: Configuration,
  resources: GatewayResources = {},
): Promise<RunningGateway> {
  const { settings } = configuration;
  const { log = createLog(settings.logLevel), clock = systemClock } = resources;
  const reportFault: ReportFault = (error, { requestId }) =>
    log.error("a fault of the gateway's own", { requestId, error });
  const secret = serverSecret(settings, resources.secretFile ?? secretFile);
  const priceList = createPriceList(priceListIds);
  const prices = withConfiguredPrices(configuration.prices ?? [], priceList);
  const openCalls = createOpenCalls();
  const states = new TargetStates(clock);
  states.whenChanged((change) => tellBreakerChange(log, change));
  const allowsAddress = createEgressRule(settings.egressNetworks);
  const create = (provider: KeyedProvider) => createAdapter(provider, allowsAddress);
  const adapters = createAdapters({
    create,
    heldBefore: (version) => openCalls.someBefore(version),
    reportFault,
  });
  const snapshotParts: SnapshotParts = {
    createAdapter: (provider) => adapters.of(provider),
    prices,
    modelTable: withConfiguredModels(configuration.models ?? [], createModelTable(priceList, prices)),
    loggingPolicy: settings.loggingPolicy,
    bodyKeepMaxBytes: settings.bodyKeepMaxBytes,
  };
  const snapshots = createSnapshotHolder(
    buildSnapshot(configuration, snapshotParts),
    policyOfSettings(settings),
  );
  resources.waitsFor?.("the database that DATABASE_URL names");
  const database = await createDatabase({
    url: settings.databaseUrl,
    poolMax: settings.databasePoolMax,
    bodyKeepMaxBytes: settings.bodyKeepMaxBytes,
    queueMax: settings.recordQueueMax,
    auditKeys: auditKeysOf(secret),
    clock,
    warn: (message) => log.warn(message),
  });
  const ledger = resources.ledgerBefore?.(database.ledger) ?? database.ledger;
  const modelLists = createModelLists(clock);
  const modelsAtStart = createModelsAtStart({
    snapshots,
    modelLists,
    clock,
    adviceFor,
    warn: (message) => log.warn(message),
  });
  const newId = createIdSource({ clock, fillRandom: (bytes) => getRandomValues(bytes) });
  const identity = createIdentity({
    settings,
    secret,
    store: database.directory,
    openCalls,
    allowsAddress,
    clock,
    newId,
    reportFault,
  });
  const budgets = await createBudgets({
    spend: database.spend,
    openCalls,
    tenants: database.directory,
    trail: identity.trail,
    clock,
    settings,
    newId,
    tell: (message, fields) => log.warn(message, fields),
  });
  const managed = createManaged({
    declared: configuration,
    kinds: Object.values(providerTable),
    secret,
    build: (whole) => buildSnapshot(whole, snapshotParts),
    store: database.configs,
    createAdapter: create,
    allowsAddress,
    snapshots,
    states,
    adapters,
    clock,
    newId,
    reportFault,
    onChange: () => void modelsAtStart.ask(),
  });
  try {
    await managed.start();
    await identity.start();
  } catch (error) {
    await budgets.close();
    await identity.close();
    await database.close();
    throw error;
  }
  const retention = createRetention({
    tenants: () => tenantsWithRetention(database.directory),
    store: database,
    clock,
    warn: (message) => log.warn(message),
  });
  resources.waitsFor?.("providers' lists of models");
  await modelsAtStart.ask();
  const gateway = assembleGateway({
    snapshots,
    modelLists,
    ledger: watchMissingPrices(ledger, ({ provider, model }) =>
      tellMissingPrice(log, { model, provider: snapshots.current().providers.get(provider) ?? provider }),
    ),
    records: database.records,
    settingsChanges: managed.changes,
    openCalls,
    budgetStore: budgets.store,
    budgets: budgets.reports,
    auditTrail: identity.trail,
    access: identity.access,
    tenants: identity.tenants,
    administration: identity.administration,
    sessions: identity.sessions,
    clock,
    newId,
    utf8Bytes: (text) => Buffer.byteLength(text),
    reportFault,
    problems: () => [
      ...database.problems(),
      ...managed.problems(),
      ...identity.problems(),
      ...budgets.problems(),
      ...unsharedLimits(settings),
      ...modelsAtStart.problems(),
    ],
    random: Math.random,
    callTimeoutMs: settings.callTimeoutSeconds * 1_000,
    overload: {
      maxConcurrent: settings.maxConcurrentCalls,
      queueMax: settings.callQueueMax,
      maxWaitMs: settings.callQueueMs,
    },
    limits: await createLimits(settings, { clock, log, reportFault }),
    states,
    measurements: () => recordFamilies(database),
    async release() {
      await resources.release?.();
      await managed.stopped();
      await retention.close();
      await budgets.close();
      await identity.close();
      await database.close();
    },
  });
  return {
    ...gateway,
    database,
    reportFault,
    close() {
      modelsAtStart.close();
      managed.stop();
      return gateway.close();
    },
  };
}

const tenantsAtATime = 200;

/** Those that do not keep what was said without end. */
async function tenantsWithRetention(directory: Pick<DirectoryStore, "retentionsAfter">) {
  const found: TenantRetention[] = [];
  let some: readonly TenantRetention[];
  do {
    some = await directory.retentionsAfter(found.at(-1)?.id, tenantsAtATime);
    found.push(...some);
  } while (some.length === tenantsAtATime);
  return found;
}

function adviceFor({ name, kind, source }: ConfiguredProvider): string {
  const entry = providerTable[kind];
  const naming = entry?.settings.find(({ namesModels }) => namesModels === true);
  if (source === "managed") return "Name one by updateProvider.";
  const variable = [entry?.env?.model, naming?.variable].filter((each) => each !== undefined).join(" or ");
  return source === "file" || variable === ""
    ? `Write providers.${name}.model in the file.`
    : `Set ${variable}.`;
}

/** The configuration that these variables make, as the process would read them from its environment. */
export const configurationOf = (environment: Readonly<Record<string, string | undefined>>): Configuration =>
  loadConfiguration({ flags: {}, environment, kinds: Object.values(providerTable), file: undefined });
