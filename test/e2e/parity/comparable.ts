// Outcomes as they are compared, and the table of what legitimately differs from the library's:
//
// | client | does not show | why |
// |---|---|---|
// | a whole answer, all clients | events, started | there are none |
// | gRPC, Connect, gRPC-Web | HTTP status | they tell gRPC's (Connect derives its HTTP status itself) |
// | GraphQL, graphql-ws | gRPC status | the code's HTTP status stands in `extensions.http` |
// | OpenAI | events, started, raw reason, stop sequence, signature | OpenAI's format has no place for them |
// | OpenAI | usage's uncached, cacheWrite, text, source | the same; its `cached_tokens` is cacheRead |
// | OpenAI | usage of a stream that broke | its chunk means the total, and is not sent then (OpenAI's reference) |
// | OpenAI | `meta` of a failed call, but its request id | it is in the `x-sluice-*` headers |
// | OpenAI, error in a stream | HTTP status, retry-after | both are HTTP's, and its headers are gone by then |
// | openai npm | as OpenAI, and reasoning and meta | its types know none |
// | graphql-ws, refused at its door | all but code and message | a close frame has no more (4401, 1009) |
// | OpenAI, openai npm | `field` in the core's words | it is said in OpenAI's words (`FieldWords`) |
//
// Ids, latencies and the call's time differ from call to call: of them it is compared whether they are there.

import type { ReplyMeta } from "../../../src/core/reply.ts";
import type { ClientName, ErrorSeen, Outcome } from "./client.ts";

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const idKind = (id: string | undefined): string | undefined =>
  id === undefined ? undefined : uuidV7.test(id) ? "a UUIDv7" : `no UUIDv7: ${id}`;

const comparableMeta = (meta: ReplyMeta) => ({
  ...meta,
  requestId: idKind(meta.requestId),
  latencyMs: meta.latencyMs === undefined ? undefined : meta.latencyMs >= 0 ? "told" : "wrong",
  // Null and absent are both unknown: protobuf has no null.
  costNanos: meta.costNanos?.toString(),
});

const comparableError = (error: ErrorSeen) => ({
  ...error,
  requestId: idKind(error.requestId),
  // A deadline's message tells what was left of it when the call came in.
  message: error.message.replace(/within its \d+ ms/, "within its … ms"),
});

export type Comparable = ReturnType<typeof comparable>;

export function comparable(outcome: Outcome) {
  const { toolCalls, started, meta, error, events = [] } = outcome;
  const ids = [...new Set(toolCalls.map(({ id }) => id))];
  return {
    ...outcome,
    events: events.length === 0 ? undefined : events,
    toolCalls: toolCalls.map(({ id, name, argumentsJson }) => ({
      id: id === "" ? "none" : `#${ids.indexOf(id)}`,
      name,
      argumentsJson,
    })),
    started: started && {
      ...started,
      id: idKind(started.id),
      ofThisCall: started.id === started.meta.requestId && started.id === (meta ?? started.meta).requestId,
      meta: comparableMeta(started.meta),
    },
    meta: meta && comparableMeta(meta),
    error: error && comparableError(error),
  };
}

/** How the OpenAI face names the field of an error, where not as the core does. */
export type FieldWords = Readonly<Record<string, string>>;

export interface Shown {
  readonly client: ClientName;
  readonly fieldWords?: FieldWords | undefined;
}

/** What a client must show where the library showed `library`. */
export function shownBy(library: Outcome, { client, fieldWords = {} }: Shown): Comparable {
  const all = comparable(library);
  switch (client) {
    case "library":
      return all;
    case "gRPC":
    case "Connect":
    case "Connect JSON":
    case "gRPC-Web":
      return { ...all, error: all.error && { ...all.error, http: undefined } };
    case "GraphQL":
    case "graphql-ws":
      return { ...all, error: all.error && { ...all.error, grpc: undefined } };
    case "OpenAI":
      return inOpenAiWords(all, fieldWords);
    case "openai npm":
      return { ...inOpenAiWords(all, fieldWords), reasoning: "", meta: undefined };
  }
}

function inOpenAiWords(all: Comparable, fieldWords: FieldWords): Comparable {
  const { usage, error, events } = all;
  const inStream = events !== undefined;
  return {
    ...all,
    events: undefined,
    started: undefined,
    rawReason: undefined,
    stopSequence: undefined,
    signature: undefined,
    usage:
      usage === undefined || error !== undefined
        ? undefined
        : {
            input: { total: usage.input.total, cacheRead: usage.input.cacheRead },
            output: { total: usage.output.total, reasoning: usage.output.reasoning },
            source: "reported",
          },
    meta: error === undefined ? all.meta : undefined,
    error: error && {
      ...error,
      grpc: undefined,
      http: inStream ? undefined : error.http,
      retryAfterMs: inStream ? undefined : error.retryAfterMs,
      ...inTheirWords(error, fieldWords),
    },
  };
}

function inTheirWords({ field, message }: ErrorSeen, fieldWords: FieldWords) {
  const theirs = field === undefined ? undefined : fieldWords[field];
  if (field === undefined || theirs === undefined) return {};
  return { field: theirs, message: message.replace(field, theirs) };
}
