// What a request to the paths below `/auth` tells of its sender, who has no credential yet.

import type { IncomingMessage } from "node:http";
import type { Presented } from "../../core/access/access.ts";
import { hostName, isLoopbackName } from "../../core/access/host-name.ts";
import { isOwnOrigin } from "../../core/access/own-origin.ts";
import type { Origin } from "../../core/access/principal.ts";
import { GatewayError } from "../../core/errors.ts";
import { presentedBy } from "../caller.ts";
import { seenThroughProxies, type TrustsProxy } from "../client-address.ts";
import { connectionOf } from "../http-front-end.ts";
import { correlationIdOf } from "../refused-request.ts";
import { callbackBase } from "./auth-path.ts";

export interface CallerOptions {
  /** The origin that browsers know the gateway by; absent: what they say, on loopback alone. */
  readonly publicUrl?: string | undefined;
  readonly trustsProxy: TrustsProxy;
}

export interface AuthCaller {
  readonly origin: Origin;
  /** Whether its browser speaks TLS with us, or with a proxy before us. */
  readonly secure: boolean;
  /** Whether a page of our own has sent it. */
  readonly isOwnPage: boolean;
  /** Where the tenant's issuer sends its browser back to. @throws GatewayError `invalid_request` */
  readonly redirectUri: (tenantId: string) => string;
}

export function callerOf(request: IncomingMessage, { publicUrl, trustsProxy }: CallerOptions): AuthCaller {
  const presented = seenThroughProxies(presentedBy(connectionOf(request), undefined), trustsProxy);
  const secure = presented.secure === true || publicUrl?.startsWith("https:") === true;
  return {
    origin: { address: presented.remoteAddress, correlationId: correlationIdOf(request) },
    secure,
    isOwnPage: presented.origin !== undefined && (presented.origin === publicUrl || isOwnOrigin(presented)),
    redirectUri: (tenantId) => `${publicUrl ?? loopbackUrl(presented, secure)}${callbackBase}${tenantId}`,
  };
}

/** An issuer must not be told of an address that the sender has made up. */
function loopbackUrl({ host }: Presented, secure: boolean): string {
  const name = host === undefined ? undefined : hostName(host);
  if (host !== undefined && name !== undefined && isLoopbackName(name)) {
    return `${secure ? "https" : "http"}://${host}`;
  }
  throw new GatewayError({
    code: "invalid_request",
    message:
      "Sign-on needs the address that browsers reach the gateway by. Its operator sets it as PUBLIC_URL.",
  });
}
