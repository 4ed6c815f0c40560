// What an answer that refuses a request takes from it, whatever the format of its errors.

import type { IncomingMessage } from "node:http";
import { GatewayError } from "../core/errors.ts";

/** The caller's `x-request-id`; undefined: none was sent that could be shown again. */
export function correlationIdOf({ headers }: IncomingMessage): string | undefined {
  const sent = headers["x-request-id"];
  return typeof sent === "string" && /^[\x20-\x7e]{1,256}$/.test(sent) ? sent : undefined;
}

/** The rest of a body that nobody asked for is not waited for: such a connection is closed. */
export const bodyIsOnItsWay = ({ complete, headers }: IncomingMessage): boolean =>
  !complete && (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0);

/** Of a path that is asked by another method; its status is 405. */
export const otherMethod = ({ method = "This method" }: IncomingMessage, allowed: string): GatewayError =>
  new GatewayError({
    code: "invalid_request",
    message: `${method} is not served at this path. Send ${allowed}.`,
  });
