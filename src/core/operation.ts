// What is asked of the gateway, told to stages that need not know which operation it is.

import type { CachedAnswer } from "./cache/answer-cache.ts";
import type { AskedQuestion } from "./cache/semantic/question-of.ts";
import type { FinishReason } from "./chat/events.ts";
import type { Usage } from "./chat/usage.ts";
import type { JsonValue } from "./json.ts";
import type { TokenEstimate, Utf8Bytes } from "./limits/token-estimate.ts";
import type { MidStream } from "./mid-stream.ts";
import type { OperationName } from "./operation-name.ts";
import type { OperationShape } from "./operation-shape.ts";
import type { AttemptContext, Provider, ProviderReply } from "./provider.ts";
import type { ReplyMeta } from "./reply.ts";
import type { Target } from "./snapshot.ts";

/** What an event tells the account of its attempt. */
export interface EventFacts {
  /** Whether this event ends a whole reply. */
  readonly ends?: boolean | undefined;
  readonly modelServed?: string | undefined;
  /** Replaces what was known before. */
  readonly usage?: Usage | undefined;
  readonly finishReason?: FinishReason | undefined;
}

/** What the core adds to a provider's events. */
export interface Stamp {
  readonly callId: string;
  readonly provider: string;
  /** The model asked of the provider. */
  readonly model: string;
  readonly createdAtMs: number;
  /** What is known now. */
  meta(): ReplyMeta;
  /** What is known at the end. */
  wholeMeta(): ReplyMeta;
}

/** A record keeps the first two where bodies are not kept. */
export interface RequestSize {
  readonly messages: number;
  readonly inputChars: number;
  /** Of the answer; undefined: as many as the model gives. */
  readonly maxOutputTokens: number | undefined;
}

/** What reached the caller, gathered as it goes by. */
export interface BodyGatherer<E> {
  add(event: E): void;
  outputChars(): number;
  /** To be kept as JSON. */
  body(): object;
}

/** A whole answer that can be given to other calls. */
export interface KeptEvents<E> {
  readonly events: readonly E[];
  /** About what they take in memory. */
  readonly bytes: number;
}

/** Gathers an answer as it goes by. */
export interface AnswerKeeper<S extends OperationShape> {
  add(event: S["event"]): void;
  /**
   * After the last event: as a provider would yield them (no ids, no meta, no seam). Undefined: the answer is not
   * whole, was cut off or filtered, or is larger than was allowed.
   */
  kept(): KeptEvents<S["providerEvent"]> | undefined;
}

/** An event as JSON for stores, and back; undefined for what is no such event, as another version or a fault wrote it. */
export interface EventJson<E> {
  write(event: E): JsonValue;
  read(json: JsonValue): E | undefined;
}

/** How what is asked for is asked and answered in words. */
export interface OperationWords<S extends OperationShape> {
  /** Undefined: it is not one text, or one that its meaning tells too little of. */
  asked(request: S["request"]): AskedQuestion<S["request"]> | undefined;
  /** To be compared with what another answer says. */
  answered(events: readonly S["providerEvent"][]): string;
}

export interface Operation<S extends OperationShape> {
  readonly name: OperationName;
  invoke(
    provider: Provider,
    request: S["request"],
    context: AttemptContext,
  ): Promise<ProviderReply<S["providerEvent"]>>;
  /** Whether another target's answer may stand in for the first one's. */
  interchangeable(first: Target, other: Target): boolean;
  /** Whether a reply is committed by this event: from here on the caller has something in hand. */
  commits(event: S["event"]): boolean;
  /** Undefined for the many events that tell nothing. */
  facts(event: S["providerEvent"]): EventFacts | undefined;
  /** The provider's event as the caller gets it: a new object, which the run may number. */
  stamp(event: S["providerEvent"], stamp: Stamp): S["event"];
  /** Whether it is the one event that ends a whole reply. */
  ends(event: S["event"]): boolean;
  /** The `model` that the caller wrote. */
  modelAsked(request: S["request"]): string | undefined;
  size(request: S["request"]): RequestSize;
  /** About how many tokens it will use. */
  estimate(request: S["request"], utf8Bytes: Utf8Bytes): TokenEstimate;
  /** About how many tokens of the answer it has. Absent: what is asked for has no such tokens. */
  readonly answerTokens?: ((event: S["providerEvent"]) => number) | undefined;
  /** Whether the request fixes its answer, as far as a model can. */
  deterministic(request: S["request"]): boolean;
  /**
   * All of the request that can change its answer, but the model: equal requests give equal canonical JSON, whatever
   * front end they came by.
   */
  identity(request: S["request"]): object;
  /** Keeps no answer that takes more than so much memory, and holds no more of it. */
  keeper(request: S["request"], maxBytes: number): AnswerKeeper<S>;
  /** As logs of runs have them; their sequence stands beside. What is left of the caller's limits is left out. */
  readonly events: EventJson<S["event"]>;
  /** As stores of answers have them. */
  readonly keptEvents: EventJson<S["providerEvent"]>;
  /** About what an event takes in memory. */
  bytesOf(event: S["event"]): number;
  /**
   * One that shares nothing which its reader may change with the event that others are given. Absent: events hold
   * nothing of the kind.
   */
  readonly ownCopy?: (<E extends S["providerEvent"] | S["event"]>(event: E) => E) | undefined;
  /** Another call's event as this one's: a new object, which the run may number. */
  restamp(event: S["event"], stamp: Stamp): S["event"];
  /** What an event tells of its call; most tell nothing. */
  metaOf(event: S["event"]): ReplyMeta | undefined;
  /** Of an event that tells something of its call: a new one that tells this. */
  withMeta<E extends S["event"]>(event: E, meta: ReplyMeta): E;
  isAnswer(answer: CachedAnswer): answer is CachedAnswer<S["providerEvent"]>;
  /** Absent: it is not asked in words, and no other call's answer is found by what it means. */
  readonly words?: OperationWords<S> | undefined;
  /** A text as an answer. Absent: what is asked for cannot be said in words. */
  readonly fixedAnswer?: ((text: string) => readonly S["providerEvent"][]) | undefined;
  /** To be kept as JSON. */
  requestBody(request: S["request"]): object;
  /** Keeps about so many characters of the body; the others are counted only. */
  gatherer(keepMaxChars: number): BodyGatherer<S["event"]>;
  /** Absent: a stream that broke does not go on. */
  readonly midStream?: MidStream<S> | undefined;
}
