// The core put together: from ports and a snapshot to the gateway that front ends hold.

import type { Access } from "./access/access.ts";
import { guardRecords, guardSettings } from "./access/guarded-ports.ts";
import type { KnownTenants } from "./access/known-tenants.ts";
import { createPermissionCheck } from "./access/permission-check.ts";
import { adaptersOf } from "./adapters-of.ts";
import { requestOf, textOf } from "./ask.ts";
import { createBeginCalls } from "./begin-calls.ts";
import type { BudgetReports } from "./budgets/budget-reports.ts";
import type { BudgetStore } from "./budgets/budget-store.ts";
import type { AnswerCache } from "./cache/answer-cache.ts";
import type { Digest } from "./cache/answer-key.ts";
import { noAnswers } from "./cache/no-answers.ts";
import type { SemanticCache } from "./cache/semantic/semantic-cache.ts";
import { type Chains, createChains } from "./chains.ts";
import { gatherReply } from "./chat/gather.ts";
import type { Clock } from "./clock.ts";
import type { AuditTrail } from "./directory/audit.ts";
import type { Administration } from "./directory/administration.ts";
import { noAdministration, noBudgetReports, noSessions } from "./directory/no-directory.ts";
import type { Sessions } from "./directory/sessions.ts";
import type { Embedded } from "./embed/events.ts";
import { GatewayError, type ReportFault } from "./errors.ts";
import { gatewayStopping } from "./gateway-stopping.ts";
import type { Gateway, Readiness } from "./gateway.ts";
import type { NewId } from "./ids.ts";
import { Bulkhead } from "./limits/bulkhead.ts";
import type { GatewayLimits } from "./limits/gateway-limits.ts";
import type { Utf8Bytes } from "./limits/token-estimate.ts";
import type { SettingsChanges } from "./managed/settings-changes.ts";
import { createGatewayMeter } from "./metrics/gateway-metrics.ts";
import { gauge, type MetricFamily } from "./metrics/metric-family.ts";
import { targetFamilies } from "./metrics/target-metrics.ts";
import { createModelLists, type ModelLists } from "./model-lists.ts";
import { createOpenCalls, type OpenCalls } from "./open-calls.ts";
import { RouteStates } from "./routing/route-states.ts";
import { createProbes, type Probes } from "./routing/targets/probes.ts";
import { activeProviders, readinessOf } from "./routing/targets/readiness.ts";
import type { TargetStates } from "./routing/targets/target-states.ts";
import { checkResume } from "./runs/check-resume.ts";
import { defaultKeptLimits, defaultRunLimits } from "./runs/run-settings.ts";
import type { RunsPorts } from "./runs/runs.ts";
import { createSettings } from "./settings.ts";
import type { SnapshotHolder } from "./snapshot-holder.ts";
import type { Ledger } from "./usage/ledger.ts";
import type { Records } from "./usage/records.ts";

export interface GatewayParts {
  readonly snapshots: SnapshotHolder;
  /** Absent: lists of its own. */
  readonly modelLists?: ModelLists | undefined;
  readonly ledger: Ledger;
  readonly records: Records;
  readonly settingsChanges: SettingsChanges;
  /** Hears who is told no; absent: nobody does. */
  readonly auditTrail?: AuditTrail | undefined;
  /** These three absent: no tenants, users and keys are kept. */
  readonly administration?: Administration | undefined;
  readonly sessions?: Sessions | undefined;
  readonly budgets?: BudgetReports | undefined;
  /** Absent: nothing is reserved of budgets. Its store is closed by `release`. */
  readonly budgetStore?: BudgetStore | undefined;
  /** Absent: of its own. */
  readonly openCalls?: OpenCalls | undefined;
  readonly access: Access;
  /** Absent: what is served, every tenant may use. */
  readonly tenants?: KnownTenants | undefined;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly utf8Bytes: Utf8Bytes;
  readonly digest: Digest;
  /** Absent: no answers are kept. They are closed by `release`. */
  readonly answers?: AnswerParts | undefined;
  /** Absent: runs are known to this gateway alone. What they are kept in is closed by `release`. */
  readonly runs?: RunParts | undefined;
  readonly reportFault: ReportFault;
  /** What stands in the way of serving, besides targets that fail; each a sentence. */
  readonly problems: () => readonly string[];
  /** 0 to 1, 1 excluded. */
  readonly random: () => number;
  /** Of a call whose caller does not say; absent: 600 s. */
  readonly callTimeoutMs?: number | undefined;
  /** Absent: as many calls at a time as come. */
  readonly overload?: OverloadLimits | undefined;
  /** Absent: each caller has as much as there is. */
  readonly limits?: GatewayLimits | undefined;
  readonly states: TargetStates;
  /** What the parts measure themselves. */
  readonly measurements?: (() => readonly MetricFamily[]) | undefined;
  /** Frees what the parts hold, after every call has ended. */
  readonly release: () => Promise<void>;
}

export interface AnswerParts {
  readonly cache: AnswerCache;
  /** The largest answer that is kept. */
  readonly maxBytes: number;
  /** Absent: no answer serves another question. */
  readonly semantic?: SemanticCache | undefined;
}

export type RunParts = Partial<Pick<RunsPorts, "keys" | "shared" | "limits" | "kept">>;

export interface OverloadLimits {
  /** `MAX_CONCURRENT_CALLS` */
  readonly maxConcurrent: number;
  /** `CALL_QUEUE_MAX` */
  readonly queueMax: number;
  /** `CALL_QUEUE_MS` */
  readonly maxWaitMs: number;
}

export function assembleGateway(parts: GatewayParts): Gateway {
  const { clock, newId, snapshots, states, modelLists = createModelLists(clock) } = parts;
  const { openCalls = createOpenCalls(), auditTrail = noTrail } = parts;
  const snapshot = () => snapshots.current();
  const meter = createGatewayMeter();
  const routes = new RouteStates();
  const places = placesOf(parts);
  const probes = createProbes({ snapshot, states, clock });
  const stop = new Stop();

  states.whenChanged((change) => meter.breakerChanged(change));
  snapshots.whenChanged(() => {
    probes.heed();
    routes.keepOnly(snapshot().routes);
  });
  probes.heed();

  const chains = createChains({
    ...parts,
    ledger: meter.watchingLedger(parts.ledger),
    modelLists,
    routes,
    places,
    auditTrail,
    runs: runsOf(parts, (code) => meter.refused(code)),
    answers: answersOf(parts),
    semantic: parts.answers?.semantic,
    refused: (code) => meter.refused(code),
    settled: (settlement, operation) => meter.settled(settlement, operation),
  });
  const begin = createBeginCalls({
    context: () => ({ clock, newId, snapshot: snapshot(), openCalls, timeoutMs: parts.callTimeoutMs }),
    refusesCalls: () => stop.refusesCalls,
    watching: (beginning) => meter.watchingBegin(beginning),
    tenants: parts.tenants,
    auditTrail,
  });
  const requirePermission = createPermissionCheck(auditTrail);
  const chat: Gateway["chat"] = async (request, options = {}) =>
    gatherReply(await chains.chat(begin.chat(request, "unary", options)));

  return {
    chat,
    async stream(request, options = {}) {
      return await chains.chat(begin.chat(request, "streamed", options));
    },
    async resume(id, afterSequence, { fromStart = false, ...options } = {}) {
      checkResume(id, afterSequence);
      return await chains.resume(begin.resume(options), { id, afterSequence, fromStart });
    },
    async embed(request, options = {}) {
      return theOne((await chains.embed(begin.embed(request, options))).events);
    },
    ask: async (question) => textOf(await chat(requestOf(question))),
    metrics: () => meter.figures(activeProviders(snapshot(), states)),
    semanticCacheReport: () => parts.answers?.semantic?.report() ?? { routes: [] },
    measurements: () => [
      ...meter.families(),
      ...targetFamilies(snapshot(), states),
      gauge("sluice_waiting_calls", "Calls that wait for a place among those under way.", places.waiting()),
      ...(parts.measurements?.() ?? []),
    ],
    readiness: () => (stop.announced ? stopping : readinessOf(snapshot(), states, problemsOf(parts))),
    access: meter.watchingAccess(parts.access),
    requirePermission,
    records: guardRecords(parts.records, requirePermission),
    settings: guardSettings(
      createSettings({ snapshot, modelLists, clock, states, changes: parts.settingsChanges }),
      requirePermission,
    ),
    administration: parts.administration ?? noAdministration,
    sessions: parts.sessions ?? noSessions,
    budgets: parts.budgets ?? noBudgetReports,
    addProvider(name, adapter, provider) {
      // Nobody would close its adapter.
      if (stop.closed !== undefined) throw gatewayStopping();
      snapshots.addProvider(name, adapter, provider);
    },
    announceStop: () => stop.announce(),
    refuseCalls: () => stop.refuseCalls(),
    close() {
      stop.refuseCalls();
      return (stop.closed ??= closeAll({ parts, chains, openCalls, modelLists, probes }));
    },
  };
}

/** What a flight's log holds, where no answer is kept. */
const flightLogMaxBytes = 4_194_304;

const answersOf = ({ answers }: GatewayParts) => ({
  cache: answers?.cache ?? noAnswers,
  answerMaxBytes: answers?.maxBytes ?? 0,
  flightLogMaxBytes: answers?.maxBytes ?? flightLogMaxBytes,
});

const runsOf = (
  { runs, clock, newId, digest, utf8Bytes, reportFault, tenants }: GatewayParts,
  refused: RunsPorts["refused"],
): RunsPorts => ({
  limits: defaultRunLimits,
  kept: defaultKeptLimits,
  ...runs,
  clock,
  nodeId: newId(),
  tenants,
  digest,
  utf8Bytes,
  reportFault,
  refused,
});

const noTrail: AuditTrail = { note: () => {} };

const problemsOf = ({ problems, limits, answers, runs }: GatewayParts): readonly string[] => [
  ...problems(),
  ...(answers?.cache.problems() ?? []),
  ...(answers?.semantic?.problems() ?? []),
  ...(runs?.shared?.problems() ?? []),
  ...(limits?.store.problems() ?? []),
];

/** How far the gateway has come in stopping. */
class Stop {
  announced = false;
  refusesCalls = false;
  closed: Promise<void> | undefined;

  announce(): void {
    this.announced = true;
  }

  refuseCalls(): void {
    this.announced = true;
    this.refusesCalls = true;
  }
}

const placesOf = ({ overload, clock }: GatewayParts): Bulkhead =>
  new Bulkhead({
    limit: () => overload?.maxConcurrent,
    queueMax: overload?.queueMax ?? 0,
    maxWaitMs: overload?.maxWaitMs ?? 0,
    clock,
  });

async function theOne(events: AsyncIterable<Embedded>): Promise<Embedded> {
  for await (const embedded of events) return embedded;
  throw new GatewayError({ code: "internal", message: "The reply ended without its vectors." });
}

interface Closed {
  readonly parts: GatewayParts;
  readonly chains: Chains;
  readonly openCalls: OpenCalls;
  readonly modelLists: ModelLists;
  readonly probes: Probes;
}

async function closeAll({ parts, chains, openCalls, modelLists, probes }: Closed): Promise<void> {
  chains.stop(gatewayStopping());
  openCalls.abortAll(gatewayStopping());
  modelLists.close();
  probes.close();
  await chains.close();
  // Records are written also while an adapter, which may be somebody else's, does not close.
  await Promise.all([closeAdapters(parts), parts.release(), parts.limits?.store.close()]);
}

async function closeAdapters({ snapshots, reportFault }: GatewayParts): Promise<void> {
  const adapters = [...snapshots.current().providers.values()].flatMap(adaptersOf);
  await Promise.all(
    adapters.map(async (adapter) => {
      try {
        await adapter.close?.();
      } catch (error) {
        reportFault(error, {});
      }
    }),
  );
}

const stopping: Readiness = { ready: false, problems: ["The gateway is stopping."] };
