// Who may call: the port that front ends ask before anything else.

import type { Principal } from "./principal.ts";

/** What proxies write on a call that they forward; each absent when it was not sent. */
export interface Forwarding {
  /** `X-Forwarded-For`: addresses with commas between them, each proxy adds the one that it was called from. */
  readonly for: string | undefined;
  /** `X-Forwarded-Host`: the `Host` that the client named. */
  readonly host: string | undefined;
  /** `X-Forwarded-Proto`: `http` or `https`. */
  readonly proto: string | undefined;
}

/** What a connection shows of itself. */
export interface Presented {
  /** The key as sent by `Authorization: Bearer`, `X-API-Key` or gRPC metadata. */
  readonly credential: string | undefined;
  /** The peer's address, as the socket has it; the client's, where a proxy that is believed told it. */
  readonly remoteAddress: string | undefined;
  /** The `Host` or `:authority` header. */
  readonly host: string | undefined;
  /** The `Origin` header: only web pages send one. */
  readonly origin: string | undefined;
  /** Whether the client speaks TLS; absent: not known, there may be a proxy that ends it. */
  readonly secure?: boolean | undefined;
  /**
   * Present when a proxy forwarded the call and nobody has vouched for it: then neither address nor host say
   * who calls.
   */
  readonly forwarding?: Forwarding | undefined;
  /** The caller's `x-request-id`. */
  readonly correlationId?: string | undefined;
}

export interface Access {
  /** While true, calls without a credential are served to the networks that are allowed. Changes as keys are made. */
  readonly keyless: boolean;
  /**
   * @throws GatewayError `unauthenticated`, `permission_denied`; `rate_limited` for too many wrong credentials of an
   * address; `unavailable` or `overloaded` for a credential that cannot be looked up now
   */
  authenticate(presented: Presented): Promise<Principal>;
}
