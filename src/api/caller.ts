// What a request tells of its caller, whatever front end it came by: who it is, and how the call is to be run.

import type { Access, Presented } from "../core/access/access.ts";
import { type CacheControl, type CallOptions, maxCacheTtlSeconds } from "../core/call.ts";
import { isIdempotencyKey, wrongIdempotencyKey } from "../core/check-wishes.ts";
import { invalidRequest } from "../core/errors.ts";
import { parseCacheControl } from "./cache-control.ts";
import { forwardingOf } from "./client-address.ts";

export interface Connection {
  /** A header or a gRPC metadata entry by its lower-case name. */
  readonly header: (name: string) => string | undefined;
  /** Each value of one that may be sent several times; absent: none is. */
  readonly headerValues?: ((name: string) => readonly string[]) | undefined;
  readonly remoteAddress: string | undefined;
  /** Whether it is encrypted up to this process. */
  readonly secure?: boolean | undefined;
}

export type Caller = Pick<
  CallOptions,
  | "principal"
  | "correlationId"
  | "traceContext"
  | "timeoutMs"
  | "idempotencyKey"
  | "cacheControl"
  | "resumable"
>;

const maxHeaderChars = 256;
const maxTimeoutMs = 86_400_000;

/**
 * Reads `authorization: Bearer` or `x-api-key`, `x-request-id`, `traceparent`, `x-sluice-timeout-ms`, and what is
 * wished of a call: `idempotency-key`, `cache-control`, `x-sluice-cache-ttl`, `x-sluice-resumable`.
 * @throws GatewayError `unauthenticated`, `permission_denied`, `invalid_request`
 */
export async function readCaller(access: Access, connection: Connection): Promise<Caller> {
  const { header } = connection;
  const credential = bearerOf(connection) ?? header("x-api-key");
  const correlationId = bounded("x-request-id", header("x-request-id"));
  const presented = { ...presentedBy(connection, credential), correlationId };
  const principal = await access.authenticate(presented);
  return {
    principal,
    correlationId,
    traceContext: traceparent(header("traceparent")),
    timeoutMs: timeout(header("x-sluice-timeout-ms")),
    idempotencyKey: idempotencyKey(connection),
    cacheControl: cacheControl(header("cache-control"), header("x-sluice-cache-ttl")),
    resumable: resumable(header("x-sluice-resumable")),
  };
}

/** What a connection shows of itself, nothing of it believed yet. */
export const presentedBy = (
  { header, remoteAddress, secure }: Connection,
  credential: string | undefined,
): Presented => ({
  credential,
  remoteAddress,
  host: header(":authority") ?? header("host"),
  origin: header("origin"),
  secure,
  forwarding: forwardingOf(header),
});

/** Undefined: `authorization` is not there, or of another scheme. */
export const bearerOf = ({ header }: Pick<Connection, "header">): string | undefined =>
  /^bearer +(.+)$/i.exec(header("authorization") ?? "")?.[1]?.trim();

function bounded(name: string, value: string | undefined): string | undefined {
  if (value === undefined || value === "") return undefined;
  if (value.length > maxHeaderChars) throw invalidRequest(name, `has more than ${maxHeaderChars} characters`);
  return value;
}

/** One that is not of the standard's form (W3C Trace Context, 3.2) is ignored, as the standard asks. */
const traceparent = (value: string | undefined): string | undefined =>
  value !== undefined && /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(value)
    ? value
    : undefined;

function timeout(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const timeoutMs = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (timeoutMs >= 1 && timeoutMs <= maxTimeoutMs) return timeoutMs;
  throw invalidRequest("x-sluice-timeout-ms", `must be a whole number from 1 to ${maxTimeoutMs}`);
}

function idempotencyKey({ header, headerValues }: Connection): string | undefined {
  const name = "idempotency-key";
  const sent = header(name);
  if (sent === undefined || sent === "") return undefined;
  // Several are one text to Node: two keys must not become a third.
  const [key = sent, ...others] = new Set(headerValues?.(name));
  if (others.length > 0)
    throw invalidRequest(name, "was sent twice, with keys that differ; send one of them");
  if (isIdempotencyKey(key)) return key;
  throw invalidRequest(name, wrongIdempotencyKey);
}

function cacheControl(header: string | undefined, ttl: string | undefined): CacheControl | undefined {
  const said = header === undefined ? undefined : parseCacheControl(header);
  if (ttl === undefined) return said;
  const ttlSeconds = /^\d{1,7}$/.test(ttl) ? Number(ttl) : Infinity;
  if (ttlSeconds <= maxCacheTtlSeconds) return { mode: "default", ...said, ttlSeconds };
  throw invalidRequest(
    "x-sluice-cache-ttl",
    `must be a whole number of seconds from 0 to ${maxCacheTtlSeconds}`,
  );
}

function resumable(value: string | undefined): boolean | undefined {
  if (value === undefined || value === "") return undefined;
  if (value === "1" || value === "0") return value === "1";
  throw invalidRequest("x-sluice-resumable", "must be 1, or 0 for a stream that ends with its reader");
}
