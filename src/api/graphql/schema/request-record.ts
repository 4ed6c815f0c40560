// What the database keeps of a call.

import type { RequestStatus } from "../../../core/usage/ledger.ts";
import type { KeptBodies, RequestRecord as RequestRecordShape } from "../../../core/usage/records.ts";
import type { Delivery } from "../../../core/provider.ts";
import type { LoggingPolicy } from "../../../core/snapshot.ts";
import { builder, type GraphqlContext } from "../builder.ts";
import { AttemptRecord } from "./attempt-record.ts";
import { CacheStatusEnum, Loss } from "./reply-meta.ts";
import { TokenUsage } from "./usage.ts";

export const RequestStatusEnum = builder.enumType("RequestStatus", {
  description: "How a call stands, or how it ended.",
  values: {
    OPEN: { value: "open", description: "It is being handled." },
    OK: { value: "ok", description: "It was answered." },
    FAILED: { value: "failed", description: "It ended with an error." },
    CANCELLED: { value: "cancelled", description: "Its caller went away." },
    REFUSED: { value: "refused", description: "The gateway refused it." },
    INTERRUPTED: { value: "interrupted", description: "The gateway ended while it was open." },
  } satisfies Record<Uppercase<RequestStatus>, { value: RequestStatus; description: string }>,
});

export const EnvironmentEnum = builder.enumType("CallerEnvironment", {
  description: "What the caller's key is for.",
  values: { LIVE: { value: "live" }, TEST: { value: "test" } },
});

const DeliveryEnum = builder.enumType("Delivery", {
  description: "Whether the answer was wanted event by event, or whole.",
  values: {
    STREAMED: { value: "streamed" },
    UNARY: { value: "unary" },
  } satisfies Record<Uppercase<Delivery>, { value: Delivery }>,
});

export const LoggingPolicyEnum = builder.enumType("LoggingPolicy", {
  description: "What of a call's content is kept.",
  values: {
    FULL: { value: "full", description: "Bodies too." },
    METADATA: { value: "metadata", description: "Labels, counts and lengths." },
    NONE: { value: "none", description: "The accounting row alone." },
  } satisfies Record<Uppercase<LoggingPolicy>, { value: LoggingPolicy; description: string }>,
});

interface KeptBodyShape {
  readonly text: string;
  readonly cut: boolean;
}

const KeptBody = builder.objectRef<KeptBodyShape>("KeptBody").implement({
  description: "What was kept of a call's content.",
  fields: (t) => ({
    text: t.exposeString("text", { description: "JSON text." }),
    cut: t.exposeBoolean("cut", { description: "Whether it was too long and its end is missing." }),
  }),
});

// Both bodies of a record come with one reading.
const readings = new WeakMap<RequestRecordShape, Promise<KeptBodies | undefined>>();

function readBodies(record: RequestRecordShape, context: GraphqlContext): Promise<KeptBodies | undefined> {
  const known = readings.get(record);
  if (known !== undefined) return known;
  const reading = context.gateway.records.bodies(context.caller.principal, record.id);
  readings.set(record, reading);
  return reading;
}

const keptBody = (text: string | undefined, cut: boolean | undefined): KeptBodyShape | null =>
  text === undefined ? null : { text, cut: cut ?? false };

export const RequestRecord = builder.objectRef<RequestRecordShape>("RequestRecord").implement({
  description: "The record of a call. What only its end tells is null while it is open.",
  fields: (t) => ({
    id: t.exposeID("id"),
    createdAt: t.expose("createdAtMs", { type: "DateTime" }),
    status: t.expose("status", { type: RequestStatusEnum }),
    errorCode: t.exposeString("errorCode", {
      nullable: true,
      description: "A code of the error table. Beside OK: of the error that the answer stood in for.",
    }),
    tenantId: t.exposeString("tenantId"),
    apiKeyId: t.exposeString("apiKeyId", { nullable: true }),
    userId: t.exposeString("userId", { nullable: true }),
    environment: t.expose("environment", { type: EnvironmentEnum }),
    runId: t.exposeString("runId"),
    correlationId: t.exposeString("correlationId", { nullable: true }),
    traceId: t.exposeString("traceId", { nullable: true }),
    idempotencyKey: t.exposeString("idempotencyKey", { nullable: true }),
    operation: t.exposeString("operation", { description: "What was asked for: `chat` or `embed`." }),
    delivery: t.expose("delivery", { type: DeliveryEnum }),
    loggingPolicy: t.expose("loggingPolicy", { type: LoggingPolicyEnum }),
    modelAsked: t.exposeString("modelAsked", { nullable: true, description: "`model` as it was sent." }),
    useCase: t.exposeString("useCase", { nullable: true }),
    labels: t.expose("labels", { type: "JSON", nullable: true }),
    messageCount: t.exposeInt("messageCount", {
      nullable: true,
      description: "The messages of a chat, the inputs of embeddings.",
    }),
    inputChars: t.exposeInt("inputChars", { nullable: true }),
    outputChars: t.exposeInt("outputChars", { nullable: true }),
    route: t.exposeString("route", { nullable: true }),
    provider: t.exposeString("provider", { nullable: true }),
    model: t.exposeString("model", { nullable: true }),
    modelServed: t.exposeString("modelServed", { nullable: true }),
    finishReason: t.exposeString("finishReason", { nullable: true }),
    cacheStatus: t.expose("cacheStatus", { type: CacheStatusEnum, nullable: true }),
    timeToFirstTokenMs: t.exposeFloat("timeToFirstTokenMs", { nullable: true }),
    latencyMs: t.exposeFloat("latencyMs", { nullable: true }),
    usage: t.expose("usage", {
      type: TokenUsage,
      nullable: true,
      description: "The sum over its attempts: what was paid for.",
    }),
    costNanos: t.expose("costNanos", { type: "Nanos", nullable: true }),
    savedNanos: t.expose("savedNanos", {
      type: "Nanos",
      nullable: true,
      description:
        "What it would have cost, had its answer not been another call's. Null: not known, or it was its own.",
    }),
    answeredFrom: t.exposeID("answeredFrom", {
      nullable: true,
      description:
        "The id of the call that its answer was made for, or that failed for it too. Null: it was its own.",
    }),
    losses: t.expose("losses", { type: [Loss], nullable: true }),
    attemptCount: t.exposeInt("attempts", { nullable: true }),
    attempts: t.expose("attemptRecords", { type: [AttemptRecord] }),
    body: t.field({
      type: KeptBody,
      nullable: true,
      description: "The request's body, where the logging policy kept it; read from the database when asked.",
      async resolve(record, _, context) {
        const bodies = await readBodies(record, context);
        return keptBody(bodies?.request, bodies?.requestCut);
      },
    }),
    reply: t.field({
      type: KeptBody,
      nullable: true,
      description: "What reached the caller, where the logging policy kept it.",
      async resolve(record, _, context) {
        const bodies = await readBodies(record, context);
        return keptBody(bodies?.reply, bodies?.replyCut);
      },
    }),
  }),
});

builder.queryField("request", (t) =>
  t.field({
    type: RequestRecord,
    authScopes: { permission: "requests:view" },
    nullable: true,
    description: "The record of one call; null where there is none.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, { gateway, caller }) => gateway.records.request(caller.principal, id),
  }),
);
