// The stage that keeps the record of every call: it watches what reaches the caller and settles once.

import type { Call } from "./call.ts";
import { type ErrorCode, GatewayError, type ReportFault, toGatewayError } from "./errors.ts";
import { redactBody } from "./guardrails/credentials/redact-body.ts";
import { type CallLogging, loggingOf } from "./logging-of.ts";
import type { BodyGatherer } from "./operation.ts";
import type { OperationShape } from "./operation-shape.ts";
import type { OperationName } from "./operation-name.ts";
import type { Handler, Stage } from "./pipeline.ts";
import type { Reply } from "./reply.ts";
import type { AccountSum } from "./usage/account.ts";
import type { Ledger, OpenedCall, Settlement } from "./usage/ledger.ts";
import { type Watcher, watchEvents } from "./watch-events.ts";

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
    const logging = loggingOf(call);
    const record = new CallUnderRecord(call, logging, ports);
    let reply: Reply<S["event"]>;
    try {
      ports.ledger.open(openedCall(call, logging));
      if (call.signal.aborted) throw call.signal.reason;
      reply = await next(call);
    } catch (error) {
      throw record.failed(error);
    }
    return { meta: reply.meta, events: watchEvents<S["event"], S["event"]>(reply.events, record) };
  };

/** Gathers what reaches the caller, and settles the call the first time that it comes to an end. */
class CallUnderRecord<S extends OperationShape> implements Watcher<S["event"], S["event"]> {
  readonly #call: Call<S>;
  readonly #logging: CallLogging;
  readonly #ports: RecordCallPorts;
  readonly #gatherer: BodyGatherer<S["event"]> | undefined;
  #settled = false;
  /** What it was settled with. */
  #error: GatewayError | undefined;

  constructor(call: Call<S>, logging: CallLogging, ports: RecordCallPorts) {
    this.#call = call;
    this.#logging = logging;
    this.#ports = ports;
    this.#gatherer = gathererFor(call, logging);
    // A reply that nobody reads to its end is settled by the call's early end.
    call.whenAborted((reason) => this.#settle(reason));
  }

  event(event: S["event"]): S["event"] {
    // An answer that comes in the moment of the call's end is too late: it is not on record.
    if (this.#error !== undefined) throw this.#error;
    this.#gatherer?.add(event);
    if (this.#call.operation.ends(event)) this.#settle(undefined);
    return event;
  }

  ended(): void {}

  failed(error: unknown): GatewayError {
    const known = toGatewayError(error);
    if (known !== error) this.#ports.reportFault(error, { requestId: this.#call.id });
    if (this.#call.recordWaits) this.#error ??= known;
    else this.#settle(known);
    // What is on record is what the caller hears.
    return (this.#error ?? known).withMeta(this.#call.account.wholeMeta());
  }

  left(): void {
    this.#call.abort(left());
  }

  /** Without an error the call went well. */
  #settle(error: GatewayError | undefined): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#error = error;
    const call = this.#call;
    if (error !== undefined) call.account.cancelOpenAttempts(error);
    const sum = call.account.sum();
    const settlement: Settlement = {
      id: call.id,
      createdAtMs: call.createdAtMs,
      tenantId: call.principal.tenantId,
      status: statusOf(error?.code, sum),
      // Something that was given in place of an error is an answer; what it stands for is kept beside it.
      errorCode: error === undefined ? call.account.standsFor : error.code,
      route: sum.route,
      provider: sum.provider,
      model: sum.model,
      modelServed: sum.modelServed,
      finishReason: sum.finishReason,
      attempts: sum.attempts,
      cacheStatus: sum.cacheStatus,
      timeToFirstTokenMs: sum.timeToFirstTokenMs,
      latencyMs: sum.latencyMs,
      usage: sum.usage,
      costNanos: sum.costNanos,
      savedNanos: sum.answeredFrom?.costNanos,
      answeredFrom: sum.answeredFrom?.requestId,
      losses: sum.losses,
      outputChars: this.#gatherer?.outputChars(),
      replyBody: keptBody(call, this.#logging, () => this.#gatherer?.body()),
    };
    this.#ports.ledger.settle(settlement);
    call.release();
    queueMicrotask(() => this.#ports.onSettled(settlement, call.operation.name));
  }
}

const keepMaxOf = <S extends OperationShape>({ snapshot }: Call<S>): number =>
  snapshot.bodyKeepMaxBytes ?? Number.POSITIVE_INFINITY;

/** What is not kept is not held either: answers may be long, and their readers slow. */
function gathererFor<S extends OperationShape>(
  call: Call<S>,
  { bodies, redact }: CallLogging,
): BodyGatherer<S["event"]> | undefined {
  if (bodies === "none") return undefined;
  // Of a text that gets shorter, more is held than is kept: so it is still seen that it was cut.
  const heldShare = redact ? 2 : 1;
  return call.operation.gatherer(bodies === "full" ? heldShare * keepMaxOf(call) : 0);
}

function keptBody<S extends OperationShape>(
  call: Call<S>,
  { bodies, redact }: CallLogging,
  bodyOf: () => object | undefined,
): object | undefined {
  const body = bodies === "full" ? bodyOf() : undefined;
  return body !== undefined && redact ? redactBody(body, keepMaxOf(call)) : body;
}

function statusOf(
  errorCode: ErrorCode | undefined,
  { attempts, answeredFrom }: Pick<AccountSum, "attempts" | "answeredFrom">,
): Settlement["status"] {
  if (errorCode === undefined) return "ok";
  if (errorCode === "cancelled") return "cancelled";
  // Without an attempt, its own or another call's, it was the gateway that said no, unless it could not or had no time
  // to try.
  const refused =
    attempts === 0 &&
    answeredFrom === undefined &&
    errorCode !== "internal" &&
    errorCode !== "deadline_exceeded" &&
    errorCode !== "all_providers_failed";
  return refused ? "refused" : "failed";
}

function openedCall<S extends OperationShape>(call: Call<S>, logging: CallLogging): OpenedCall {
  const { operation, principal, request } = call;
  const policy = logging.bodies;
  const size = policy === "none" ? undefined : operation.size(request);
  return {
    id: call.id,
    createdAtMs: call.createdAtMs,
    tenantId: principal.tenantId,
    actingFrom: principal.actingFrom,
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
    requestBody: keptBody(call, logging, () => operation.requestBody(request)),
  };
}
