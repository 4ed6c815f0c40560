// Who may call: the port that front ends ask before anything else.

import type { Principal } from "./principal.ts";

/** What a connection shows of itself. */
export interface Presented {
  /** The key as sent by `Authorization: Bearer`, `X-API-Key` or gRPC metadata. */
  readonly credential: string | undefined;
  /** The peer's address, as the socket has it. */
  readonly remoteAddress: string | undefined;
  /** The `Host` or `:authority` header. */
  readonly host: string | undefined;
  /** The `Origin` header: only web pages send one. */
  readonly origin: string | undefined;
}

export interface Access {
  /** While true, calls without a credential are served to the networks that are allowed. */
  readonly keyless: boolean;
  /** @throws GatewayError `unauthenticated`, `permission_denied` */
  authenticate(presented: Presented): Promise<Principal>;
}
