// What adapters ask of HTTP. One implementation serves them all; a signer adds what proves who we are.

import type { AddressCheck } from "./checked-address.ts";

/** How a streamed body is cut into frames. */
export interface Framing<F> {
  /** The content types of answers that are streamed in it. */
  readonly contentType: RegExp;
  createParser(limits: { readonly maxFrameBytes: number }): FrameParser<F>;
}

export interface FrameParser<F> {
  /**
   * The frames that these bytes complete.
   * @throws ProviderError `broken_reply` for bytes that are not of the framing, or a frame over the limit
   */
  push(chunk: Uint8Array): readonly F[];
  /** What the end of the body completes. @throws as `push` does */
  end(): readonly F[];
}

export interface UpstreamRequest {
  readonly method: "GET" | "POST";
  /** Appended to the provider's base URL; with a leading slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string | undefined;
}

/** Says which headers to add; it sees the final bytes and the whole address, as signatures over them need. */
export type Signer = (request: UpstreamRequest, url: string) => Promise<Readonly<Record<string, string>>>;

export interface UpstreamAnswer {
  readonly status: number;
  /** Names in lower case; a header that came twice is joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The whole body, up to the limit of the upstream, or to the one that is given here.
   * @throws ProviderError `broken_reply` when it is longer, not UTF-8, or cut; GatewayError when aborted
   */
  text(maxBytes?: number): Promise<string>;
  /**
   * The body frame by frame, one batch for each read of the socket. Leaving the iterator closes the connection.
   * @throws ProviderError `broken_reply` when it is cut or not of the framing, `timeout` when nothing comes for
   * too long; GatewayError when aborted
   */
  frames<F>(framing: Framing<F>): AsyncIterable<readonly F[]>;
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
  /** Asked for each connection; absent: any address. */
  readonly allowsAddress?: AddressCheck | undefined;
  /** Of an answer that is read whole, and of one frame of a stream; a whole stream may be eight times as long. */
  readonly maxAnswerBytes: number;
}
