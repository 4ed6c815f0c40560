// The port by which something that is no provider is asked over HTTP, as issuers of sign-on are.

export interface PlainRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | URLSearchParams | null;
  readonly signal: AbortSignal;
  /** Another address would have to be checked too. */
  readonly redirect: "manual";
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Iterable<[string, string]>;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Resolves when the headers are there; rejects as the runtime's `fetch` does. */
export type PlainFetch = (url: string, request: PlainRequest) => Promise<PlainAnswer>;
