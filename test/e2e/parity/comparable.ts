// Outcomes as they are compared, and the table of what legitimately differs from the library's:
//
// | client | does not show | why |
// |---|---|---|
// | a whole answer, all clients | events, started | there are none |
// | gRPC, Connect, gRPC-Web | HTTP status | they tell gRPC's (Connect derives its HTTP status itself) |
// | gRPC, Connect, gRPC-Web | more than 1,024 characters of a message | trailers have to be short |
// | GraphQL, graphql-ws | gRPC status | the code's HTTP status stands in `extensions.http` |
// | OpenAI | events, started, raw reason, stop sequence | OpenAI's format has no place for them |
// | OpenAI | usage's uncached, cacheWrite, text, source | the same; its `cached_tokens` is cacheRead |
// | all but the library | usage's cacheWriteLong, cacheReadAudio | they are there for the price alone |
// | OpenAI | `meta` of a failed call, but its request id | it is in the `x-sluice-*` headers |
// | OpenAI, error in a stream | HTTP status | it is HTTP's, whose headers are gone by then |
// | openai npm | as OpenAI, and reasoning, proofs, seams and meta | its types know none |
// | OpenAI, openai npm: embeddings | id, provider | OpenAI's format has no place for them |
// | OpenAI, openai npm: embeddings | all of usage but what was read | the same |
// | graphql-ws, refused at its door | all but code and message | a close frame has no more (4401, 1009) |
// | OpenAI, openai npm | `field` in the core's words | it is said in OpenAI's words (`FieldWords`) |
//
// Ids, latencies and the call's time differ from call to call: of them it is compared whether they are there.

import type { Usage } from "../../../src/core/chat/usage.ts";
import type { ReplyMeta } from "../../../src/core/reply.ts";
import type { ClientName, EmbedOutcome, ErrorSeen, Outcome } from "./client.ts";

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

const withoutPriceDetails = ({ input, output, source }: Usage): Usage => {
  const { cacheWriteLong: _, cacheReadAudio: __, ...told } = input;
  return { input: told, output, source };
};

export type Comparable = ReturnType<typeof comparable>;

export function comparable(outcome: Outcome) {
  const { toolCalls, started, usage, meta, error, events = [], proofs = [], seams = [] } = outcome;
  const ids = [...new Set(toolCalls.map(({ id }) => id))];
  return {
    ...outcome,
    events: events.length === 0 ? undefined : events,
    proofs: proofs.length === 0 ? undefined : proofs,
    seams: seams.length === 0 ? undefined : seams,
    usage: usage && withoutPriceDetails(usage),
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
      return { ...all, error: all.error && inTrailers(all.error) };
    case "GraphQL":
    case "graphql-ws":
      return { ...all, error: all.error && { ...all.error, grpc: undefined } };
    case "OpenAI":
      return inOpenAiWords(all, fieldWords);
    case "openai npm":
      return {
        ...inOpenAiWords(all, fieldWords),
        reasoning: "",
        proofs: undefined,
        seams: undefined,
        meta: undefined,
      };
  }
}

const inTrailers = (error: ReturnType<typeof comparableError>): ReturnType<typeof comparableError> => ({
  ...error,
  http: undefined,
  message: error.message.length > 1_024 ? `${error.message.slice(0, 1_023)}…` : error.message,
});

export type ComparableEmbed = ReturnType<typeof comparableEmbed>;

export const comparableEmbed = ({ vectors, answered, usage, meta, error }: EmbedOutcome) => ({
  vectors,
  usage,
  answered: answered && {
    ...answered,
    id: idKind(answered.id),
    ofThisCall: answered.id === undefined ? undefined : answered.id === meta?.requestId,
  },
  meta: meta && comparableMeta(meta),
  error: error && comparableError(error),
});

/** The same for a call for embeddings. */
export function embedShownBy(library: EmbedOutcome, { client, fieldWords = {} }: Shown): ComparableEmbed {
  const all = comparableEmbed(library);
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
      return embedInOpenAiWords(all, fieldWords);
    case "openai npm":
      return { ...embedInOpenAiWords(all, fieldWords), meta: undefined };
  }
}

function embedInOpenAiWords(all: ComparableEmbed, fieldWords: FieldWords): ComparableEmbed {
  const { answered, usage, error } = all;
  const read = usage?.input.total;
  return {
    ...all,
    answered: answered && { model: answered.model, id: undefined, ofThisCall: undefined },
    usage: read === undefined ? undefined : { input: { total: read }, output: {}, source: "reported" },
    meta: error === undefined ? all.meta : undefined,
    error: error && { ...error, grpc: undefined, ...inTheirWords(error, fieldWords) },
  };
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
    usage:
      usage === undefined
        ? undefined
        : {
            input: {
              total: usage.input.total,
              cacheRead: usage.input.cacheRead,
              audio: usage.input.audio,
            },
            output: {
              total: usage.output.total,
              reasoning: usage.output.reasoning,
              audio: usage.output.audio,
            },
            source: "reported",
          },
    meta: error === undefined ? all.meta : undefined,
    error: error && {
      ...error,
      grpc: undefined,
      http: inStream ? undefined : error.http,
      ...inTheirWords(error, fieldWords),
    },
  };
}

function inTheirWords({ field, message }: ErrorSeen, fieldWords: FieldWords) {
  const theirs = field === undefined ? undefined : fieldWords[field];
  if (field === undefined || theirs === undefined) return {};
  return { field: theirs, message: message.replace(field, theirs) };
}
