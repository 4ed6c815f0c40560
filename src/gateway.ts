// The composition root: from a configuration to a gateway. Also the library: `createGateway(…)` gives what
// all front ends use.

import { getRandomValues, hash } from "node:crypto";
import type { Configuration } from "./config/configuration.ts";
import { loadConfiguration } from "./config/load-configuration.ts";
import { createEgressRule } from "./config/egress.ts";
import { createManaged } from "./config/managed/create-managed.ts";
import { createModelsAtStart } from "./config/models-at-start.ts";
import { secretFile, serverSecret } from "./config/secret/server-secret.ts";
import { assembleGateway } from "./core/assemble-gateway.ts";
import type { Digest } from "./core/cache/answer-key.ts";
import type { Clock } from "./core/clock.ts";
import type { DirectoryStore, TenantRetention } from "./core/directory/directory-store.ts";
import type { ReportFault } from "./core/errors.ts";
import type { Gateway } from "./core/gateway.ts";
import { createIdSource } from "./core/ids.ts";
import { recordFamilies } from "./core/metrics/record-metrics.ts";
import { createModelLists } from "./core/model-lists.ts";
import { createOpenCalls } from "./core/open-calls.ts";
import { watchMissingPrices } from "./core/pricing/missing-prices.ts";
import { TargetStates } from "./core/routing/targets/target-states.ts";
import type { ConfiguredProvider } from "./core/snapshot.ts";
import type { Ledger } from "./core/usage/ledger.ts";
import { createAnswers } from "./create-answers.ts";
import { createBudgets } from "./create-budgets.ts";
import { auditKeysOf, createIdentity } from "./create-identity.ts";
import { createLimits, unsharedLimits } from "./create-limits.ts";
import { createRuns } from "./create-runs.ts";
import { createSemantics } from "./create-semantics.ts";
import { openSharedKeyStore } from "./create-shared-keys.ts";
import { createSignals } from "./create-signals.ts";
import { createSnapshots } from "./create-snapshots.ts";
import { createDatabase, type Database } from "./db/database.ts";
import { createRetention } from "./db/retention.ts";
import { tellBreakerChange, tellMissingPrice } from "./gateway-log.ts";
import { providerTable } from "./providers/provider-table.ts";
import { createRedisSuspicion } from "./stores/redis/redis-suspicion.ts";
import { systemClock } from "./system-clock.ts";
import { createLog, type Log } from "./telemetry/log.ts";
import { toldOnce } from "./telemetry/told-once.ts";

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
  /** Ended in the opposite order: by the gateway's close, or where the start fails. */
  const begun = new AsyncDisposableStack();
  try {
    return await begin(configuration, { ...resources, begun });
  } catch (error) {
    await begun.disposeAsync();
    throw error;
  }
}

async function begin(
  configuration: Configuration,
  resources: GatewayResources & { readonly begun: AsyncDisposableStack },
): Promise<RunningGateway> {
  const { settings } = configuration;
  const { begun, log = createLog(settings.logLevel), clock = systemClock } = resources;
  const reportFault: ReportFault = (error, { requestId }) =>
    log.error("a fault of the gateway's own", { requestId, error });
  const secret = serverSecret(settings, resources.secretFile ?? secretFile);
  const newId = createIdSource({ clock, fillRandom: (bytes) => getRandomValues(bytes) });
  const openCalls = createOpenCalls();
  const states = new TargetStates(clock);
  states.whenChanged((change) => tellBreakerChange(log, change));
  const allowsAddress = createEgressRule(settings.egressNetworks);
  const { snapshots, adapters, createAdapter, build } = createSnapshots(configuration, {
    openCalls,
    allowsAddress,
    reportFault,
  });
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
  begun.defer(() => database.close());
  const ledger = resources.ledgerBefore?.(database.ledger) ?? database.ledger;
  const suspicion = createRedisSuspicion();
  const redisLog = toldOnce(log, clock);
  const { signals, close: closeSignals } = await createSignals(settings, { clock, log });
  begun.defer(closeSignals);
  const sharedKeys = await openSharedKeyStore(settings, { clock, suspicion });
  begun.defer(() => sharedKeys?.close());
  const identity = createIdentity({
    settings,
    secret,
    signals,
    sharedKeys,
    store: database.directory,
    openCalls,
    allowsAddress,
    clock,
    newId,
    reportFault,
  });
  begun.defer(() => identity.close());
  const budgets = await createBudgets({
    spend: database.spend,
    openCalls,
    tenants: database.directory,
    trail: identity.trail,
    clock,
    settings,
    newId,
    suspicion,
    tell: (message, fields) => log.warn(message, fields),
  });
  begun.defer(() => budgets.close());
  const runs = await createRuns({
    settings,
    secret,
    kept: database.idempotency,
    clock,
    log: redisLog,
    reportFault,
    suspicion,
  });
  begun.defer(() => runs.close());
  const answers = await createAnswers(settings, { clock, log: redisLog, reportFault, suspicion });
  begun.defer(() => answers.cache.close());
  const semantic = createSemantics(settings, {
    answers: answers.cache,
    snapshots,
    clock,
    log: redisLog,
    digest,
    nodeId: newId(),
  });
  begun.defer(() => semantic?.close());
  const modelLists = createModelLists(clock);
  const modelsAtStart = createModelsAtStart({
    snapshots,
    modelLists,
    clock,
    adviceFor,
    warn: (message) => log.warn(message),
  });
  begun.defer(() => modelsAtStart.close());
  const managed = createManaged({
    declared: configuration,
    kinds: Object.values(providerTable),
    secret,
    build,
    store: database.configs,
    signals,
    createAdapter,
    allowsAddress,
    snapshots,
    states,
    adapters,
    clock,
    newId,
    reportFault,
    onChange: () => void modelsAtStart.ask(),
  });
  begun.defer(() => {
    managed.stop();
    return managed.stopped();
  });
  await managed.start();
  await identity.start();
  const retention = createRetention({
    tenants: () => tenantsWithRetention(database.directory),
    store: database,
    clock,
    warn: (message) => log.warn(message),
  });
  begun.defer(() => retention.close());
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
    digest,
    answers: { ...answers, semantic },
    runs: runs.parts,
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
    limits: await createLimits(settings, { clock, log: redisLog, reportFault, suspicion }),
    states,
    measurements: () => recordFamilies(database),
    async release() {
      await resources.release?.();
      await begun.disposeAsync();
    },
  });
  return {
    ...gateway,
    database,
    reportFault,
    close() {
      // Nothing changes any more while the calls come to their end.
      modelsAtStart.close();
      managed.stop();
      return gateway.close();
    },
  };
}

const digest: Digest = (text) => hash("sha256", text, "base64url");

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
