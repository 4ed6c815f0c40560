/** What one vendor's wire format has to say for the server to speak it. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

import type { DemoRequest, Refusal } from "./demo-request.ts";
import type { PromptUsage } from "./prompt-memory.ts";
import type { DemoAnswer } from "./script.ts";

/** One SSE event as it goes over the wire, its blank line included. */
export interface WireEvent {
  readonly text: string;
  /** `token` is paced; `closing` is the finish and all after it; `frame` is the rest. */
  readonly kind: "frame" | "token" | "closing";
}

export interface Ids {
  /** A new id: the prefix and `length` letters and digits. */
  next(prefix: string, length: number): string;
}

export interface AnswerContext {
  readonly answer: DemoAnswer;
  readonly prompt: PromptUsage;
  /** The model as the vendor names it in its answer. */
  readonly servedModel: string;
  readonly createdSeconds: number;
  readonly includeUsage: boolean;
  readonly ids: Ids;
}

export interface ListedModel {
  readonly id: string;
  readonly createdSeconds: number;
}

export interface Vendor {
  readonly chatPath: string;
  newRequestId(ids: Ids): string;
  /** Headers of every answer. */
  headers(requestId: string): OutgoingHttpHeaders;
  /** @throws {Refusal} when a header is missing, or the credential is not `apiKey` (any is right when undefined). */
  admit(headers: IncomingHttpHeaders, apiKey: string | undefined): void;
  /** @throws {Refusal} where the vendor would answer 400. */
  readRequest(body: unknown): DemoRequest;
  unknownModel(model: string): Refusal;
  unknownPath(method: string, path: string): Refusal;
  malformedBody(): Refusal;
  /** What the vendor says with this status when the fault is its own, or its limit's. */
  statusRefusal(status: number): Refusal;
  refusalBody(refusal: Refusal, requestId: string): string;
  refusalHeaders(refusal: Refusal, retryAfterSeconds: number | undefined): OutgoingHttpHeaders;
  listModels(models: readonly ListedModel[]): string;
  describeModel(model: ListedModel): string;
  reply(context: AnswerContext): string;
  events(context: AnswerContext): Iterable<WireEvent>;
  /** The vendor's way to say in mid-stream that it failed. */
  readonly errorEvent: string;
  /** An event whose data is no JSON. */
  readonly malformedEvent: string;
}

export function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer\s+(\S+)$/iu.exec(headers.authorization ?? "")?.[1];
}

/** Ids unlike those of any other upstream: `seed` is random, the counter makes each one new. */
export function createIds(seed: string): Ids {
  let made = 0;
  return {
    next(prefix, length) {
      made += 1;
      return prefix + (seed + made.toString(36).padStart(8, "0")).slice(-length).padStart(length, "0");
    },
  };
}
