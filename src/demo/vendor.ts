/** What one vendor's wire format has to say for the server to speak it. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

import type { DemoRequest, Refusal } from "./demo-request.ts";
import type { VendorEmbeddings } from "./embedding.ts";
import type { PromptUsage } from "./prompt-memory.ts";
import type { DemoAnswer } from "./script.ts";
import type { Address } from "./address.ts";

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

/** What the path of a chat says; most vendors say both in the body. */
export interface ChatPath {
  readonly model?: string;
  readonly stream?: boolean;
}

export interface VendorRequest extends DemoRequest {
  /** The thoughts are counted, and not shown. */
  readonly hidesReasoning?: boolean;
}

export interface AnswerContext {
  readonly request: VendorRequest;
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
  /** Whether it makes embeddings; else it chats. */
  readonly embeds: boolean;
}

export interface Vendor {
  /** All paths that begin so are this vendor's. */
  readonly ownPaths: readonly string[];
  /** The header that tells its clients on other paths. */
  readonly ownHeader: string | undefined;
  /** The path of the list of models; a model of the list stands one step below. */
  readonly modelsPath: string;
  readonly contentTypes: { readonly json: string; readonly stream: string };
  /**
   * Undefined when the path is that of no chat.
   * @throws {Refusal} when the chat is asked for in a way that is not served.
   */
  chatOf(address: Address): ChatPath | undefined;
  newRequestId(ids: Ids): string;
  /** Headers of every answer. */
  headers(requestId: string): OutgoingHttpHeaders;
  /** @throws {Refusal} when a header is missing, or the credential is not `apiKey` (any is right when undefined). */
  admit(headers: IncomingHttpHeaders, apiKey: string | undefined, query: URLSearchParams): void;
  /** @throws {Refusal} where the vendor would answer 400. */
  readRequest(body: unknown, chat: ChatPath): VendorRequest;
  readonly embeddings?: VendorEmbeddings;
  /** The refusal of a prompt that is filtered away; without it an answer says so. */
  readonly filteredPrompt?: () => Refusal;
  unknownModel(model: string): Refusal;
  unknownPath(method: string, path: string): Refusal;
  malformedBody(): Refusal;
  /** What the vendor says with this status when the fault is its own, or its limit's. */
  statusRefusal(status: number, retryAfterSeconds?: number): Refusal;
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
