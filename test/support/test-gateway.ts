// A gateway of the real core over scripted providers, with a ledger that a test can read.

import { assembleGateway } from "../../src/core/assemble-gateway.ts";
import type { Access } from "../../src/core/access/access.ts";
import type { Clock } from "../../src/core/clock.ts";
import type { Gateway } from "../../src/core/gateway.ts";
import type { PriceList } from "../../src/core/pricing/price.ts";
import type { Provider } from "../../src/core/provider.ts";
import type { LoggingPolicy, ProviderCredential, Route, Snapshot, Target } from "../../src/core/snapshot.ts";
import { createSnapshotHolder } from "../../src/core/snapshot-holder.ts";
import type { AttemptRecord, Ledger, OpenedCall, Settlement } from "../../src/core/usage/ledger.ts";
import type { Records } from "../../src/core/usage/records.ts";
import { createManualClock } from "./manual-clock.ts";
import { noRecords } from "./no-records.ts";

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
  authenticate: () => Promise.resolve({ tenantId: "default", environment: "live", keyless: true }),
};

export interface TestGateway {
  readonly gateway: Gateway;
  readonly ledger: ReadableLedger;
  /** What the log would tell of errors that nobody foresaw. */
  readonly faults: unknown[];
}

/** Providers by name, in the order in which the route `default` tries them; each has one model, `m`. */
export function createTestGateway(options: {
  readonly providers: Readonly<Record<string, Provider>>;
  readonly clock?: Clock;
  readonly access?: Access;
  readonly records?: Records;
  readonly loggingPolicy?: LoggingPolicy;
  readonly prices?: PriceList;
  readonly useCases?: Readonly<Record<string, string>>;
  /** Of each target; 0 if absent. */
  readonly retries?: number;
  /** By provider: the vector space that its target declares. */
  readonly vectorSpaces?: Readonly<Record<string, string>>;
  /** By provider: where it is asked with several keys. */
  readonly credentials?: Readonly<Record<string, readonly ProviderCredential[]>>;
}): TestGateway {
  const ledger = createReadableLedger();
  const targets = Object.entries(options.providers).map(([name, adapter]): Target => ({
    provider: {
      name,
      kind: name,
      source: "file",
      priority: 0,
      baseUrl: `http://${name}.test`,
      models: ["m"],
      adapter,
      credentials: options.credentials?.[name],
    },
    model: "m",
    priority: 0,
    retries: options.retries ?? 0,
    vectorSpace: options.vectorSpaces?.[name],
  }));
  const route: Route = { name: "default", source: "file", strategy: "priority", targets };
  const spare: Route = { ...route, name: "spare", targets: targets.slice(-1) };
  const snapshot: Snapshot = {
    version: 1,
    providers: new Map(targets.map(({ provider }) => [provider.name, provider])),
    routes: new Map([
      ["default", route],
      ["spare", spare],
    ]),
    useCases: new Map(Object.entries(options.useCases ?? {}).map(([name, to]) => [name, { route: to }])),
    loggingPolicy: options.loggingPolicy ?? "full",
    prices: options.prices ?? { find: () => undefined },
    modelTable: { find: () => undefined },
  };
  let ids = 0;
  const faults: unknown[] = [];
  const gateway = assembleGateway({
    snapshots: createSnapshotHolder(snapshot),
    ledger,
    records: options.records ?? noRecords,
    access: options.access ?? openAccess,
    clock: options.clock ?? createManualClock(),
    newId: () => `id-${++ids}`,
    reportFault: (error) => void faults.push(error),
    problems: () => [],
    random: () => 0,
    release: () => Promise.resolve(),
  });
  return { gateway, ledger, faults };
}
