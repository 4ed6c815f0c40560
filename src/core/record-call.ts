// The stage that keeps the record of every call: it watches what reaches the caller and settles once.

import type { Call } from "./call.ts";
import { type ErrorCode, GatewayError, type ReportFault, toGatewayError } from "./errors.ts";
import type { BodyGatherer, OperationShape } from "./operation.ts";
import type { OperationName } from "./operation-name.ts";
import type { Handler, Stage } from "./pipeline.ts";
import type { Reply } from "./reply.ts";
import type { Ledger, OpenedCall, Settlement } from "./usage/ledger.ts";
import { watchEvents } from "./watch-events.ts";

export interface RecordCallPorts {
  readonly ledger: Ledger;
  readonly reportFault: ReportFault;
  /** Hears of each settlement after the call's last event went out. */
  readonly onSettled: (settlement: Settlement, operation: OperationName) => void;
}

const left = () =>
  new GatewayError({ code: "cancelled", message: "The reader left before the answer was complete." });

export const createRecordCall =
  (ports: RecordCallPorts): Stage =>
  async <S extends OperationShape>(call: Call<S>, next: Handler<Call<S>, S["event"]>) => {
    const gatherer = call.snapshot.loggingPolicy === "none" ? undefined : call.operation.gatherer();
    const settle = createSettle({ call, ports, gatherer });
    const fail = (error: unknown): GatewayError => {
      const known = toGatewayError(error);
      if (known !== error) ports.reportFault(error, { requestId: call.id });
      settle(known.code);
      return known.withMeta(call.account.wholeMeta());
    };
    // A reply that nobody reads to its end is settled by the call's signal.
    call.signal.addEventListener("abort", () => settle(toGatewayError(call.signal.reason).code), {
      once: true,
    });

    let reply: Reply<S["event"]>;
    try {
      ports.ledger.open(openedCall(call));
      if (call.signal.aborted) throw call.signal.reason;
      reply = await next(call);
    } catch (error) {
      throw fail(error);
    }
    const events = watchEvents<S["event"], S["event"]>(reply.events, {
      event(event) {
        gatherer?.add(event);
        if (call.operation.ends(event)) settle();
        return event;
      },
      ended() {},
      failed: fail,
      left: () => call.abort(left()),
    });
    return { meta: reply.meta, events };
  };

/** Settles the call the first time it is called; without a code the call went well. */
function createSettle<S extends OperationShape>(options: {
  call: Call<S>;
  ports: RecordCallPorts;
  gatherer: BodyGatherer<S["event"]> | undefined;
}): (errorCode?: ErrorCode) => void {
  const { call, ports, gatherer } = options;
  let settled = false;
  return (errorCode) => {
    if (settled) return;
    settled = true;
    call.account.cancelOpenAttempts();
    const sum = call.account.sum();
    const settlement: Settlement = {
      id: call.id,
      createdAtMs: call.createdAtMs,
      tenantId: call.principal.tenantId,
      ...sum,
      status: statusOf(errorCode, sum.attempts),
      errorCode,
      outputChars: gatherer?.outputChars(),
      replyBody: call.snapshot.loggingPolicy === "full" ? gatherer?.body() : undefined,
    };
    ports.ledger.settle(settlement);
    call.release();
    queueMicrotask(() => ports.onSettled(settlement, call.operation.name));
  };
}

function statusOf(errorCode: ErrorCode | undefined, attempts: number): Settlement["status"] {
  if (errorCode === undefined) return "ok";
  if (errorCode === "cancelled") return "cancelled";
  // Without an attempt it was the gateway that said no, unless it could not or had no time to try.
  const refused = attempts === 0 && errorCode !== "internal" && errorCode !== "deadline_exceeded";
  return refused ? "refused" : "failed";
}

function openedCall<S extends OperationShape>(call: Call<S>): OpenedCall {
  const { operation, principal, snapshot, request } = call;
  const policy = snapshot.loggingPolicy;
  const size = policy === "none" ? undefined : operation.size(request);
  return {
    id: call.id,
    createdAtMs: call.createdAtMs,
    tenantId: principal.tenantId,
    apiKeyId: principal.apiKeyId,
    userId: principal.userId,
    environment: principal.environment,
    runId: call.id,
    correlationId: call.correlationId,
    traceId: call.traceContext?.split("-")[1],
    idempotencyKey: call.idempotencyKey,
    operation: operation.name,
    delivery: call.delivery,
    loggingPolicy: policy,
    modelAsked: operation.modelAsked(request),
    useCase: call.labels["use_case"],
    labels: policy === "none" ? undefined : call.labels,
    messageCount: size?.messages,
    inputChars: size?.inputChars,
    requestBody: policy === "full" ? operation.requestBody(request) : undefined,
  };
}
