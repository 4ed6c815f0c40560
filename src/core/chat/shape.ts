import type { ChatEvent, ProviderChatEvent } from "./events.ts";
import type { ChatRequest } from "./request.ts";

export interface ChatShape {
  readonly request: ChatRequest;
  readonly providerEvent: ProviderChatEvent;
  readonly event: ChatEvent;
}
