// The contract between the core and a provider's adapter.

import type { ProviderChatEvent } from "./chat/events.ts";
import type { ChatRequest } from "./chat/request.ts";
import type { Loss } from "./reply.ts";

/** Whether the answer is wanted event by event, or whole: the adapter may ask its vendor accordingly. */
export type Delivery = "streamed" | "unary";

export interface AttemptContext {
  /** The vendor's name of the model. */
  readonly model: string;
  readonly delivery: Delivery;
  /** Aborted with a GatewayError when the caller leaves, the deadline passes or the gateway stops. */
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
  /** Closes its connections. */
  close?(): Promise<void>;
}
