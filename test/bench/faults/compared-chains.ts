// The core's chain of a call, whole and without resilience, over the same provider in memory and ledgers that drop
// what they are given.

import { getRandomValues } from "node:crypto";
import { assembleGateway } from "../../../src/core/assemble-gateway.ts";
import { beginCall } from "../../../src/core/call.ts";
import { type ChatReply, gatherReply } from "../../../src/core/chat/gather.ts";
import { chatOperation } from "../../../src/core/chat/operation.ts";
import type { ChatShape } from "../../../src/core/chat/shape.ts";
import type { ChatRequest } from "../../../src/core/chat/request.ts";
import { validateChatRequest } from "../../../src/core/chat/validate.ts";
import { createIdSource } from "../../../src/core/ids.ts";
import { createGatewayMeter } from "../../../src/core/metrics/gateway-metrics.ts";
import { createOpenCalls } from "../../../src/core/open-calls.ts";
import { compose } from "../../../src/core/pipeline.ts";
import { createRecordCall } from "../../../src/core/record-call.ts";
import { joinRun } from "../../../src/core/runs/join-run.ts";
import { TargetStates } from "../../../src/core/routing/targets/target-states.ts";
import type { ConfiguredProvider, Snapshot } from "../../../src/core/snapshot.ts";
import { createSnapshotHolder } from "../../../src/core/snapshot-holder.ts";
import type { Ledger } from "../../../src/core/usage/ledger.ts";
import { systemClock } from "../../../src/system-clock.ts";
import { noChanges } from "../../support/no-changes.ts";
import { noRecords } from "../../support/no-records.ts";
import { openAccess } from "../../support/test-gateway.ts";
import { createAnsweringAdapter } from "./answering-adapter.ts";
import { createPlainRoute } from "./plain-route.ts";
import { keylessPrincipal } from "../../support/principals.ts";
import { utf8Bytes } from "../../support/utf8-bytes.ts";
import { digest } from "../../support/digest.ts";

export type Chain = (request: ChatRequest) => Promise<ChatReply>;

const clock = systemClock;
const newId = createIdSource({ clock, fillRandom: (bytes) => getRandomValues(bytes) });
const dropping: Ledger = { open() {}, attempt() {}, settle() {} };
const reportFault = (error: unknown): never => {
  throw error;
};

export function createResilientChain(): Chain {
  const gateway = assembleGateway({
    snapshots: createSnapshotHolder(snapshotOf(["first", "second", "third"])),
    ledger: dropping,
    records: noRecords,
    access: openAccess,
    clock,
    newId,
    utf8Bytes,
    digest,
    reportFault,
    problems: () => [],
    settingsChanges: noChanges,
    states: new TargetStates(clock),
    random: Math.random,
    overload: { maxConcurrent: 2_000, queueMax: 500, maxWaitMs: 1_000 },
    release: () => Promise.resolve(),
  });
  return (request) => gateway.chat(request);
}

/** All that `assembleGateway` does with a call but resilience. */
export function createPlainChain(): Chain {
  const snapshot = snapshotOf(["first", "second", "third"]);
  const meter = createGatewayMeter();
  const ledger = meter.watchingLedger(dropping);
  const openCalls = createOpenCalls();
  const recordCall = createRecordCall({
    ledger,
    reportFault,
    onSettled: (settlement, operation) => meter.settled(settlement, operation),
  });
  const handle = joinRun<ChatShape>(
    { join: () => Promise.reject(new Error("No call here has a key or is resumable.")) },
    compose<ChatShape>([recordCall], createPlainRoute({ ledger, clock, newId })),
  );
  const principal = keylessPrincipal;
  const begin = (request: ChatRequest) =>
    meter.watchingBegin(() => {
      validateChatRequest(request);
      const { labels = {} } = request;
      return beginCall<ChatShape>(
        { operation: chatOperation, request, delivery: "unary", labels, options: { principal } },
        { clock, newId, snapshot, openCalls },
      );
    });
  return async (request) => gatherReply(await handle(begin(request)));
}

function snapshotOf(names: readonly string[]): Snapshot {
  const model = "in-memory";
  const providers = names.map((name): ConfiguredProvider => ({
    name,
    kind: "in-memory",
    source: "library",
    priority: 0,
    baseUrl: "",
    models: [model],
    adapter: createAnsweringAdapter(),
  }));
  const targets = providers.map((provider) => ({ provider, model, priority: 0 }));
  return {
    version: 1,
    providers: new Map(providers.map((provider) => [provider.name, provider])),
    routes: new Map([["default", { name: "default", source: "library", strategy: "priority", targets }]]),
    useCases: new Map(),
    loggingPolicy: "metadata",
    prices: { find: () => undefined },
    modelTable: { find: () => undefined },
  };
}
