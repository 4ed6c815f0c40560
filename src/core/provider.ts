// The contract between the core and a provider's adapter.

import type { ProviderChatEvent } from "./chat/events.ts";
import type { ChatRequest } from "./chat/request.ts";
import type { ProviderEmbedded } from "./embed/events.ts";
import type { EmbedRequest } from "./embed/request.ts";
import type { ListedModel } from "./models.ts";
import type { Loss } from "./reply.ts";

/** Whether the answer is wanted event by event, or whole: the adapter may ask its vendor accordingly. */
export type Delivery = "streamed" | "unary";

export interface AttemptContext {
  /** The vendor's name of the model. */
  readonly model: string;
  readonly delivery: Delivery;
  /** Which of the vendor's APIs to ask, where it has several; absent: the adapter's own choice. */
  readonly api?: string | undefined;
  /**
   * Whether no other model may answer, as the caller's lists or budget go by this one: what would name another to the
   * vendor is left out. Absent: the vendor may choose.
   */
  readonly heldToModel?: boolean | undefined;
  /** How long the caller still waits for the whole answer. */
  readonly remainingMs?: number | undefined;
  /**
   * Aborted with a GatewayError when the caller leaves, the deadline passes or the gateway stops, or when another
   * target was faster; with a ProviderError when this one was too slow.
   */
  readonly signal: AbortSignal;
}

export interface ProviderReply<E> {
  /** What had to be dropped or changed of the request for this provider. */
  readonly losses: readonly Loss[];
  /** The vendor's id of the request, for its support. */
  readonly upstreamRequestId?: string | undefined;
  readonly httpStatus?: number | undefined;
  /** Which of the provider's credentials was used: a name, never the secret. */
  readonly credentialId?: string | undefined;
  /** To be read once. Throws a ProviderError when the vendor's answer breaks or ends too soon. */
  readonly events: AsyncIterable<E>;
}

/**
 * What an adapter gives. `chat` is all that is asked of one: it sends the request in its vendor's format and
 * reads the answer. It rejects with a ProviderError for an answer that is none.
 */
export interface Provider {
  chat(request: ChatRequest, context: AttemptContext): Promise<ProviderReply<ProviderChatEvent>>;
  /** Yields one event. Rejects as `chat` does. */
  embed?(request: EmbedRequest, context: AttemptContext): Promise<ProviderReply<ProviderEmbedded>>;
  /**
   * The vendor's own list of models.
   * @throws ProviderError; the signal's reason
   */
  listModels?(signal: AbortSignal): Promise<readonly ListedModel[]>;
  /** Closes its connections. */
  close?(): Promise<void>;
}
