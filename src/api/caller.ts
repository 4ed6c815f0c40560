// What a request tells of its caller, whatever front end it came by: who it is, and how the call is to be run.

import type { Access, Presented } from "../core/access/access.ts";
import type { CallOptions } from "../core/call.ts";
import { invalidRequest } from "../core/errors.ts";
import { forwardingOf } from "./client-address.ts";

export interface Connection {
  /** A header or a gRPC metadata entry by its lower-case name. */
  readonly header: (name: string) => string | undefined;
  readonly remoteAddress: string | undefined;
  /** Whether it is encrypted up to this process. */
  readonly secure?: boolean | undefined;
}

export type Caller = Pick<
  CallOptions,
  "principal" | "correlationId" | "traceContext" | "timeoutMs" | "idempotencyKey"
>;

const maxHeaderChars = 256;
const maxTimeoutMs = 86_400_000;

/**
 * Reads `authorization: Bearer` or `x-api-key`, `x-request-id`, `traceparent`, `idempotency-key` and
 * `x-sluice-timeout-ms`.
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
    idempotencyKey: bounded("idempotency-key", header("idempotency-key")),
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
