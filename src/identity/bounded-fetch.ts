// HTTP to issuers: bounded in time and size, to addresses that are allowed, and without following redirects, which
// would lead to others.

import type { Clock } from "../core/clock.ts";
import type { PlainAnswer, PlainFetch } from "../core/plain-fetch.ts";
import { GatewayError } from "../core/errors.ts";

export interface BoundedFetchOptions {
  readonly fetch: PlainFetch;
  readonly clock: Clock;
  /** Rejects for an address that may not be asked. Absent: each may. */
  readonly allowsAddress?: ((url: string) => Promise<void>) | undefined;
  readonly timeoutMs?: number | undefined;
  readonly maxBytes?: number | undefined;
}

export interface FetchRequest {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | URLSearchParams | undefined;
}

/** The whole answer, in memory. @throws GatewayError `unavailable`; what `allowsAddress` throws */
export type BoundedFetch = (url: string, request?: FetchRequest) => Promise<Response>;

const defaultTimeoutMs = 5_000;
const defaultMaxBytes = 262_144;

export function createBoundedFetch(options: BoundedFetchOptions): BoundedFetch {
  const { clock, timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes } = options;
  return async (url, { method = "GET", headers = {}, body = null } = {}) => {
    await options.allowsAddress?.(url);
    const abort = new AbortController();
    const timer = clock.setTimer(timeoutMs, () =>
      abort.abort(new Error(`There was no whole answer within ${timeoutMs} ms.`)),
    );
    try {
      const { signal } = abort;
      const answer = await options.fetch(url, { method, headers, body, signal, redirect: "manual" });
      return await readWhole(answer, maxBytes, abort);
    } catch (cause) {
      throw new GatewayError({
        code: "unavailable",
        message: `The issuer's address ${new URL(url).origin} does not answer as it should. Try again later.`,
        retryAfterMs: 5_000,
        cause,
      });
    } finally {
      timer.cancel();
    }
  };
}

/** Statuses that have no body. */
const bodiless = new Set([204, 205, 304]);

async function readWhole(answer: PlainAnswer, maxBytes: number, abort: AbortController): Promise<Response> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (answer.body !== null) {
    for await (const chunk of answer.body) {
      length += chunk.length;
      if (length > maxBytes) {
        const tooLong = new Error(`The answer is longer than ${maxBytes} bytes.`);
        abort.abort(tooLong);
        throw tooLong;
      }
      chunks.push(chunk);
    }
  }
  const { status, headers } = answer;
  const body = bodiless.has(status) ? null : Buffer.concat(chunks);
  return new Response(body, { status, headers: [...headers] });
}
