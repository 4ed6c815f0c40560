// The core put together: from ports and a snapshot to the gateway that front ends hold.

import type { Access } from "./access/access.ts";
import { adaptersOf } from "./adapters-of.ts";
import type { Principal } from "./access/principal.ts";
import { principalFor } from "./access/tenant.ts";
import { beginCall, type Call, type CallOptions } from "./call.ts";
import { gatherReply } from "./chat/gather.ts";
import { type ChatShape, chatOperation } from "./chat/operation.ts";
import type { ChatRequest } from "./chat/request.ts";
import { validateChatRequest } from "./chat/validate.ts";
import type { Clock } from "./clock.ts";
import { type EmbedShape, embedOperation } from "./embed/operation.ts";
import type { EmbedRequest } from "./embed/request.ts";
import { validateEmbedRequest } from "./embed/validate.ts";
import { GatewayError, type ReportFault } from "./errors.ts";
import { gatewayStopping } from "./gateway-stopping.ts";
import type { Gateway, Readiness } from "./gateway.ts";
import type { NewId } from "./ids.ts";
import type { SettingsChanges } from "./managed/settings-changes.ts";
import { createGatewayMeter } from "./metrics/gateway-metrics.ts";
import { gauge, type MetricFamily } from "./metrics/metric-family.ts";
import { targetFamilies } from "./metrics/target-metrics.ts";
import { createLimitConcurrency } from "./limits/limit-concurrency.ts";
import { createModelLists, type ModelLists } from "./model-lists.ts";
import { createOpenCalls, type OpenCalls } from "./open-calls.ts";
import type { Operation, OperationShape } from "./operation.ts";
import { compose, type Stage } from "./pipeline.ts";
import type { Delivery } from "./provider.ts";
import { createRecordCall } from "./record-call.ts";
import { activeProviders, readinessOf } from "./routing/targets/readiness.ts";
import { Bulkhead } from "./limits/bulkhead.ts";
import { createProbes } from "./routing/targets/probes.ts";
import { createRoute } from "./routing/route.ts";
import { RouteStates } from "./routing/route-states.ts";
import type { TargetStates } from "./routing/targets/target-states.ts";
import { joinRun } from "./run.ts";
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
  /** Absent: of its own. */
  readonly openCalls?: OpenCalls | undefined;
  readonly access: Access;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly reportFault: ReportFault;
  /** What stands in the way of serving, besides targets that fail; each a sentence. */
  readonly problems: () => readonly string[];
  /** 0 to 1, 1 excluded. */
  readonly random: () => number;
  /** Absent: as many calls at a time as come. */
  readonly overload?: OverloadLimits | undefined;
  readonly states: TargetStates;
  /** What the parts measure themselves. */
  readonly measurements?: (() => readonly MetricFamily[]) | undefined;
  /** Frees what the parts hold, after every call has ended. */
  readonly release: () => Promise<void>;
}

export interface OverloadLimits {
  /** `MAX_CONCURRENT_CALLS` */
  readonly maxConcurrent: number;
  /** `CALL_QUEUE_MAX` */
  readonly queueMax: number;
  /** `CALL_QUEUE_MS` */
  readonly maxWaitMs: number;
}

interface Asked<S extends OperationShape> {
  readonly operation: Operation<S>;
  readonly request: S["request"];
  readonly delivery: Delivery;
  readonly labels: Readonly<Record<string, string>> | undefined;
}

/** Who a library user is: the process itself. */
const ownPrincipal: Principal = { tenantId: "default", environment: "live", keyless: true };

export function assembleGateway(parts: GatewayParts): Gateway {
  const { clock, newId, reportFault, modelLists = createModelLists(clock) } = parts;
  const snapshot = () => parts.snapshots.current();
  const meter = createGatewayMeter();
  const ledger = meter.watchingLedger(parts.ledger);
  const { openCalls = createOpenCalls(), states } = parts;
  states.whenChanged((change) => meter.breakerChanged(change));
  const probes = createProbes({ snapshot, states, clock });
  const routes = new RouteStates();
  parts.snapshots.whenChanged(() => {
    probes.heed();
    routes.keepOnly(snapshot().routes);
  });
  probes.heed();
  const { overload } = parts;
  const places = new Bulkhead({
    limit: () => overload?.maxConcurrent,
    queueMax: overload?.queueMax ?? 0,
    maxWaitMs: overload?.maxWaitMs ?? 0,
    clock,
  });
  let stopAnnounced = false;
  let refusesCalls = false;
  let closed: Promise<void> | undefined;

  // The order of a run's stages, outermost first, between `joinRun` and `route`.
  const stages: readonly Stage[] = [
    createLimitConcurrency({ bulkhead: places, clock, refused: (code) => meter.refused(code) }),
    createRecordCall({
      ledger,
      reportFault,
      onSettled(settlement, operation) {
        meter.settled(settlement, operation);
        const outputTokens = settlement.usage?.output.total;
        if (outputTokens !== undefined) routes.answered(outputTokens);
      },
    }),
  ];
  const { random } = parts;
  const route = createRoute({ ledger, reportFault, clock, newId, modelLists, states, routes, random });
  const handleChat = joinRun<ChatShape>(compose<ChatShape>(stages, route));
  const handleEmbed = joinRun<EmbedShape>(compose<EmbedShape>(stages, route));

  const begin = <S extends OperationShape>(asked: Asked<S>, options: Partial<CallOptions>): Call<S> => {
    if (refusesCalls) throw gatewayStopping();
    const labels = asked.labels ?? {};
    const principal = principalFor(options.principal ?? ownPrincipal, labels);
    return beginCall(
      { ...asked, labels, options: { ...options, principal } },
      { clock, newId, snapshot: snapshot(), openCalls },
    );
  };

  // Not async: what a front end got wrong is thrown before a call exists, and no record is made of it.
  const beginChat = (request: ChatRequest, delivery: Delivery, options: Partial<CallOptions>) =>
    meter.watchingBegin(() => {
      validateChatRequest(request);
      const { labels } = request;
      return begin<ChatShape>({ operation: chatOperation, request, delivery, labels }, options);
    });
  const beginEmbed = (request: EmbedRequest, options: Partial<CallOptions>) =>
    meter.watchingBegin(() => {
      validateEmbedRequest(request);
      const { labels } = request;
      return begin<EmbedShape>({ operation: embedOperation, request, delivery: "unary", labels }, options);
    });

  async function close(): Promise<void> {
    gateway.refuseCalls();
    openCalls.abortAll(gatewayStopping());
    modelLists.close();
    probes.close();
    for (const provider of snapshot().providers.values()) {
      for (const adapter of adaptersOf(provider)) await adapter.close?.();
    }
    await parts.release();
  }

  const gateway: Gateway = {
    async chat(request, options = {}) {
      return await gatherReply(await handleChat(beginChat(request, "unary", options)));
    },
    async stream(request, options = {}) {
      return await handleChat(beginChat(request, "streamed", options));
    },
    async embed(request, options = {}) {
      const { events } = await handleEmbed(beginEmbed(request, options));
      for await (const embedded of events) return embedded;
      throw new GatewayError({ code: "internal", message: "The reply ended without its vectors." });
    },
    async ask({ user, system, temperature, model }) {
      const messages: ChatRequest["messages"] = [
        ...(system === undefined
          ? []
          : [{ role: "system", parts: [{ type: "text", text: system }] } as const]),
        { role: "user", parts: [{ type: "text", text: user }] },
      ];
      const reply = await gateway.chat({ model, messages, sampling: { temperature } });
      return reply.parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
    },
    metrics: () => meter.figures(activeProviders(snapshot(), states)),
    measurements: () => [
      ...meter.families(),
      ...targetFamilies(snapshot(), states),
      gauge("sluice_waiting_calls", "Calls that wait for a place among those under way.", places.waiting()),
      ...(parts.measurements?.() ?? []),
    ],
    readiness: () => (stopAnnounced ? stopping : readinessOf(snapshot(), states, parts.problems())),
    access: meter.watchingAccess(parts.access),
    records: parts.records,
    settings: createSettings({ snapshot, modelLists, clock, states, changes: parts.settingsChanges }),
    addProvider(name, adapter, provider) {
      // Nobody would close its adapter.
      if (closed !== undefined) throw gatewayStopping();
      parts.snapshots.addProvider(name, adapter, provider);
    },
    announceStop() {
      stopAnnounced = true;
    },
    refuseCalls() {
      stopAnnounced = true;
      refusesCalls = true;
    },
    close: () => (closed ??= close()),
  };
  return gateway;
}

const stopping: Readiness = { ready: false, problems: ["The gateway is stopping."] };
