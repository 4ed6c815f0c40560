import type { Embedded, ProviderEmbedded } from "./events.ts";
import type { EmbedRequest } from "./request.ts";

export interface EmbedShape {
  readonly request: EmbedRequest;
  readonly providerEvent: ProviderEmbedded;
  readonly event: Embedded;
}
