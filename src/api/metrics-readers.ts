// Who reads `/metrics`: whoever is on the gateway's own machine, whoever has the token of METRICS_TOKEN, and callers
// with the permission.

import { createHash, timingSafeEqual } from "node:crypto";
import { isLoopbackHost } from "../core/access/host-name.ts";
import { createKeylessRules } from "../core/access/keyless-rules.ts";
import { GatewayError } from "../core/errors.ts";
import type { Gateway } from "../core/gateway.ts";
import { bearerOf, type Connection, presentedBy, readCaller } from "./caller.ts";
import { seenThroughProxies, type TrustsProxy } from "./client-address.ts";

/** @throws GatewayError `unauthenticated`, `permission_denied`, and what else is said of a credential */
export type CheckMetricsReader = (connection: Connection) => Promise<void>;

export interface MetricsReadersOptions {
  /** `METRICS_TOKEN`; absent: there is none. */
  readonly token?: string | undefined;
  /** Names besides loopback's that are no web page's own. */
  readonly allowedHosts: readonly string[];
  /** Whose pages may read. */
  readonly allowedOrigins: readonly string[];
}

export interface MetricsReadersParts extends MetricsReadersOptions {
  readonly gateway: Pick<Gateway, "access" | "requirePermission">;
  readonly trustsProxy: TrustsProxy;
}

export function createMetricsReaders(parts: MetricsReadersParts): CheckMetricsReader {
  const { gateway, token, trustsProxy } = parts;
  const wanted = token === undefined ? undefined : digestOf(token);
  // The same as for calls without a key: a proxy or a page on this machine speaks for others.
  const checkOwnMachine = createKeylessRules({ ...parts, servesKeyless: isLoopbackHost });

  function isOnOwnMachine(connection: Connection): boolean {
    const { remoteAddress } = connection;
    // What a proxy elsewhere calls loopback is its own machine.
    if (remoteAddress === undefined || !isLoopbackHost(remoteAddress)) return false;
    try {
      checkOwnMachine(seenThroughProxies(presentedBy(connection, undefined), trustsProxy));
      return true;
    } catch {
      return false;
    }
  }

  return async (connection) => {
    if (isOnOwnMachine(connection)) return;
    const bearer = bearerOf(connection);
    if (wanted !== undefined && bearer !== undefined && timingSafeEqual(digestOf(bearer), wanted)) return;
    const isAnonymous = bearer === undefined && connection.header("x-api-key") === undefined;
    if (isAnonymous && !gateway.access.keyless) throw credentialNeeded();
    const { principal } = await readCaller(gateway.access, connection);
    gateway.requirePermission(principal, "metrics:view");
  };
}

/** Of one length, whatever is sent. */
const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();

const credentialNeeded = (): GatewayError =>
  new GatewayError({
    code: "unauthenticated",
    message:
      "Metrics are read without a credential on the gateway's own machine alone. Send a key with the permission " +
      "metrics:view, or the token of METRICS_TOKEN, as `Authorization: Bearer <…>`.",
  });
