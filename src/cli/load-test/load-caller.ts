// One way to call a gateway.

export interface CallEnd {
  /** `ok`, the gateway's error code, or what the connection said. */
  readonly code: string;
  /** What was said of an error. */
  readonly message?: string | undefined;
  /** By the monotonic clock: when the first token of a streamed answer came. */
  readonly firstTokenAtMs?: number | undefined;
  /** Who answered; unknown when nobody did. */
  readonly provider?: string | undefined;
  /** How many targets were tried. */
  readonly attempts?: number | undefined;
}

export interface LoadCaller {
  /** Never rejects. */
  call(signal: AbortSignal): Promise<CallEnd>;
  close(): void;
}

export interface CallerOptions {
  readonly url: URL;
  readonly stream: boolean;
  readonly model: string | undefined;
  readonly prompt: string;
  readonly apiKey: string | undefined;
  readonly monotonicMs: () => number;
}

/** An answer that did not come. */
export function connectionEnd(error: unknown, signal: AbortSignal): CallEnd {
  if (signal.aborted) return { code: "unfinished" };
  if (!(error instanceof Error)) return { code: "no_answer" };
  return { code: "code" in error ? String(error.code) : "no_answer", message: error.message };
}
