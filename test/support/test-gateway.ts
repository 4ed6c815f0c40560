// A gateway of the real core over scripted providers, with a ledger that a test can read.

import {
  type AnswerParts,
  assembleGateway,
  type OverloadLimits,
  type RunParts,
} from "../../src/core/assemble-gateway.ts";
import type { Access } from "../../src/core/access/access.ts";
import type { KnownTenants } from "../../src/core/access/known-tenants.ts";
import type { CachePolicy } from "../../src/core/cache/cache-policy.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { Gateway } from "../../src/core/gateway.ts";
import type { OpenCalls } from "../../src/core/open-calls.ts";
import type { GatewayLimits } from "../../src/core/limits/gateway-limits.ts";
import type { BudgetStore } from "../../src/core/budgets/budget-store.ts";
import type { AuditTrail } from "../../src/core/directory/audit.ts";
import type { PriceList } from "../../src/core/pricing/price.ts";
import type { Provider } from "../../src/core/provider.ts";
import { byPriority } from "../../src/core/routing/automatic-route.ts";
import { defaultRoutePolicy, defaultTargetPolicy } from "../../src/core/routing/default-policies.ts";
import { type BreakerChange, TargetStates } from "../../src/core/routing/targets/target-states.ts";
import type {
  ConfiguredProvider,
  LoggingPolicy,
  Route,
  RoutePolicy,
  Snapshot,
  StrategyName,
  Target,
  TargetPolicy,
} from "../../src/core/snapshot.ts";
import type { SettingsChanges } from "../../src/core/managed/settings-changes.ts";
import { createSnapshotHolder } from "../../src/core/snapshot-holder.ts";
import type { AttemptRecord, Ledger, OpenedCall, Settlement } from "../../src/core/usage/ledger.ts";
import type { Records } from "../../src/core/usage/records.ts";
import { createMemoryLimits } from "../../src/stores/memory/memory-limits.ts";
import { createManualClock } from "./manual-clock.ts";
import { noChanges } from "./no-changes.ts";
import { noRecords } from "./no-records.ts";
import { keylessPrincipal } from "./principals.ts";
import { utf8Bytes } from "./utf8-bytes.ts";
import { digest } from "./digest.ts";

export interface ReadableLedger extends Ledger {
  readonly opened: OpenedCall[];
  readonly attempts: AttemptRecord[];
  readonly settled: Settlement[];
}

export function createReadableLedger(): ReadableLedger {
  const opened: OpenedCall[] = [];
  const attempts: AttemptRecord[] = [];
  const settled: Settlement[] = [];
  return {
    opened,
    attempts,
    settled,
    open: (call) => opened.push(call),
    attempt: (attempt) => attempts.push(attempt),
    settle: (settlement) => settled.push(settlement),
  };
}

export const openAccess: Access = {
  keyless: true,
  authenticate: () => Promise.resolve(keylessPrincipal),
};

export interface TestGateway {
  readonly gateway: Gateway;
  readonly ledger: ReadableLedger;
  /** What the log would tell of errors that nobody foresaw. */
  readonly faults: unknown[];
  readonly breakerChanges: BreakerChange[];
}

export interface TestGatewayOptions {
  readonly providers: Readonly<Record<string, Provider>>;
  readonly clock?: Clock;
  readonly access?: Access;
  readonly tenants?: KnownTenants;
  readonly openCalls?: OpenCalls;
  readonly records?: Records;
  readonly settingsChanges?: SettingsChanges;
  readonly loggingPolicy?: LoggingPolicy;
  readonly bodyKeepMaxBytes?: number;
  readonly prices?: PriceList;
  readonly useCases?: Readonly<Record<string, string>>;
  /** By use case. */
  readonly useCaseCaches?: Readonly<Record<string, CachePolicy>>;
  /** What the snapshot says of the cache; absent: nothing. */
  readonly cache?: Snapshot["cache"];
  /** Absent: no answers are kept. */
  readonly answers?: AnswerParts;
  /** Of each target that does not say; 0 if absent, "default" for what holds where nothing is configured. */
  readonly retries?: number | "default";
  /** By provider: the vector space that its target declares. */
  readonly vectorSpaces?: Readonly<Record<string, string>>;
  readonly strategy?: StrategyName;
  readonly routePolicy?: Partial<RoutePolicy>;
  /** By provider: of its targets. */
  readonly targets?: Readonly<Record<string, Partial<Omit<Target, "provider" | "policy">>>>;
  /** By provider: of its targets, over the default one. */
  readonly targetPolicies?: Readonly<Record<string, Partial<TargetPolicy>>>;
  /** By provider: its models, each a target; `m` if absent. */
  readonly models?: Readonly<Record<string, readonly string[]>>;
  /** By provider: its adapters by the names of their credentials. */
  readonly credentials?: Readonly<Record<string, Readonly<Record<string, Provider>>>>;
  /** Providers that take no new attempts. */
  readonly draining?: readonly string[];
  /** Providers whose models go on with an answer that is begun. */
  readonly continuing?: readonly string[];
  readonly overload?: OverloadLimits;
  /** Absent: there are none. Of what it leaves out there is none either, and it is kept in memory. */
  readonly limits?: Partial<GatewayLimits>;
  /** Absent: no budgets. */
  readonly budgetStore?: BudgetStore | undefined;
  /** Absent: nobody hears who is refused. */
  readonly auditTrail?: AuditTrail;
  readonly callTimeoutMs?: number;
  readonly random?: () => number;
  readonly release?: () => Promise<void>;
  /** Absent: runs are known to this gateway alone. */
  readonly runs?: RunParts | undefined;
  /** What stands in front of its ids: those of gateways that share something must differ. */
  readonly idPrefix?: string;
}

function targetsOf(options: TestGatewayOptions): readonly Target[] {
  const { retries = 0 } = options;
  return Object.entries(options.providers).flatMap(([name, adapter]) => {
    const models = options.models?.[name] ?? ["m"];
    const credentials = Object.entries(options.credentials?.[name] ?? {});
    const policy = options.targetPolicies?.[name];
    const provider: ConfiguredProvider = {
      name,
      kind: name,
      source: "file",
      priority: 0,
      baseUrl: `http://${name}.test`,
      models,
      adapter,
      credentials:
        credentials.length === 0 ? undefined : credentials.map(([id, own]) => ({ id, adapter: own })),
      policy: policy === undefined ? undefined : { ...defaultTargetPolicy, ...policy },
      draining: options.draining?.includes(name),
    };
    return models.map((model): Target => {
      const target: Target = {
        provider,
        model,
        priority: 0,
        retries: retries === "default" ? undefined : retries,
        vectorSpace: options.vectorSpaces?.[name],
      };
      return Object.assign(target, options.targets?.[name]);
    });
  });
}

function snapshotOf(options: TestGatewayOptions): Snapshot {
  const targets = byPriority(targetsOf(options));
  const policy: RoutePolicy = { ...defaultRoutePolicy, ...options.routePolicy };
  const strategy = options.strategy ?? "priority";
  const route: Route = { name: "default", source: "file", strategy, targets, policy };
  const spare: Route = { ...route, name: "spare", strategy: "priority", targets: targets.slice(-1) };
  return {
    version: 1,
    providers: new Map(targets.map(({ provider }) => [provider.name, provider])),
    routes: new Map([
      ["default", route],
      ["spare", spare],
    ]),
    useCases: new Map(
      Object.entries(options.useCases ?? {}).map(([name, route]) => [
        name,
        { route, cache: options.useCaseCaches?.[name] },
      ]),
    ),
    cache: options.cache,
    loggingPolicy: options.loggingPolicy ?? "full",
    bodyKeepMaxBytes: options.bodyKeepMaxBytes,
    prices: options.prices ?? { find: () => undefined },
    modelTable: {
      find: ({ provider }) =>
        options.continuing?.includes(provider) === true ? { capabilities: { prefill: true } } : undefined,
    },
  };
}

const limitsOf = (limits: Partial<GatewayLimits>, clock: Clock): GatewayLimits => ({
  store: createMemoryLimits({ clock }),
  requestsPerMinute: "off",
  tokensPerMinute: "off",
  defaultOutputReserve: 1_024,
  ...limits,
});

/** Providers by name, in the order in which the route `default` tries them. */
export function createTestGateway(options: TestGatewayOptions): TestGateway {
  const ledger = createReadableLedger();
  const faults: unknown[] = [];
  const breakerChanges: BreakerChange[] = [];
  const { clock = createManualClock() } = options;
  const states = new TargetStates(clock);
  states.whenChanged((change) => breakerChanges.push(change));
  let ids = 0;
  const gateway = assembleGateway({
    snapshots: createSnapshotHolder(snapshotOf(options)),
    ledger,
    records: options.records ?? noRecords,
    settingsChanges: options.settingsChanges ?? noChanges,
    access: options.access ?? openAccess,
    tenants: options.tenants,
    openCalls: options.openCalls,
    clock,
    // The first is the gateway's own.
    newId: () => `${options.idPrefix ?? "id"}-${ids++}`,
    runs: options.runs,
    utf8Bytes,
    digest,
    answers: options.answers,
    reportFault: (error) => void faults.push(error),
    problems: () => [],
    callTimeoutMs: options.callTimeoutMs,
    random: options.random ?? (() => 0),
    overload: options.overload,
    limits: options.limits === undefined ? undefined : limitsOf(options.limits, clock),
    budgetStore: options.budgetStore,
    auditTrail: options.auditTrail,
    states,
    release: options.release ?? (() => Promise.resolve()),
  });
  return { gateway, ledger, faults, breakerChanges };
}
