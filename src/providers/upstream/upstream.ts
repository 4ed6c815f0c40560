// What adapters ask of HTTP. One implementation serves them all; a signer adds what proves who we are.

/** An event of a `text/event-stream` (HTML standard, 9.2.6). */
export interface SseFrame {
  /** The `event:` field; absent: "message". */
  readonly event: string | undefined;
  /** The `data:` lines, joined by line feeds. */
  readonly data: string;
}

export interface UpstreamRequest {
  readonly method: "GET" | "POST";
  /** Appended to the provider's base URL; with a leading slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string | undefined;
}

/** Says which headers to add; it sees the final bytes, as signatures over them need. */
export type Signer = (request: UpstreamRequest) => Promise<Readonly<Record<string, string>>>;

export interface UpstreamAnswer {
  readonly status: number;
  /** Names in lower case; a header that came twice is joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The whole body, up to the limit of the upstream.
   * @throws ProviderError `broken_reply` when it is longer, not UTF-8, or cut; GatewayError when aborted
   */
  text(): Promise<string>;
  /**
   * The body as server-sent events, one batch for each read of the socket. An event whose closing blank line
   * never came is not handed out. Leaving the iterator closes the connection.
   * @throws ProviderError `broken_reply` when it is cut, not UTF-8 or has a line over the limit, `timeout`
   * when nothing comes for too long; GatewayError when aborted
   */
  frames(): AsyncIterable<readonly SseFrame[]>;
}

export interface Upstream {
  /**
   * Resolves when the status and headers are there, whatever the status.
   * @throws ProviderError `unavailable` (refused, reset, DNS, TLS), `timeout`; GatewayError: the signal's
   * reason, when it is aborted
   */
  send(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamAnswer>;
  close(): Promise<void>;
}

export interface UpstreamTimeouts {
  readonly connectMs: number;
  /** From the request's end to the answer's headers. */
  readonly headersMs: number;
  /** Between two reads of the answer's body. */
  readonly idleMs: number;
}

export interface UpstreamOptions {
  /** With scheme and any path prefix, no trailing slash. */
  readonly baseUrl: string;
  readonly signer: Signer;
  readonly timeouts: UpstreamTimeouts;
  /** Of an answer that is read whole, and of one line of a stream. */
  readonly maxAnswerBytes: number;
}
