// What a POST asks, and who asks it.

import type { IncomingMessage } from "node:http";
import type { Gateway } from "../../core/gateway.ts";
import { readCaller } from "../caller.ts";
import type { TrustsProxy } from "../client-address.ts";
import { connectionOf } from "../http-front-end.ts";
import { jsonText } from "../json-text.ts";
import { createProxiedAccess } from "../proxied-access.ts";
import { readBody } from "../read-body.ts";
import { type OperationRequest, parseOperationRequest } from "./operation-request.ts";
import { type Asker, credentialNeeded } from "./scopes.ts";
import { isStranger, maxStrangerBytes, strangersAccess } from "./stranger.ts";

export interface AskedPorts {
  readonly gateway: Pick<Gateway, "access">;
  readonly maxBodyBytes: number;
  /** Absent: no proxy is. */
  readonly trustsProxy?: TrustsProxy | undefined;
  readonly isPublic: (query: string) => boolean;
}

export interface Asked extends Asker {
  readonly operation: OperationRequest;
}

/** @throws GatewayError */
export async function readAsked(request: IncomingMessage, ports: AskedPorts): Promise<Asked> {
  const { access } = ports.gateway;
  const connection = connectionOf(request);
  if (!isStranger(access, connection)) {
    await readCaller(access, connection);
    const operation = await readOperation(request, ports.maxBodyBytes);
    // Anew: who was let in may have been shut out while it sent the rest, and not every operation is a call that the
    // end of its caller would end.
    return { caller: await readCaller(access, connection), isStranger: false, operation };
  }
  const maxBytes = Math.min(ports.maxBodyBytes, maxStrangerBytes);
  // What is wrong with it is no stranger's business: it is as if it had asked for something else.
  const operation = await readOperation(request, maxBytes).catch(() => undefined);
  if (operation !== undefined && ports.isPublic(operation.query)) {
    const strangers = createProxiedAccess(strangersAccess, ports.trustsProxy ?? (() => false));
    return { caller: await readCaller(strangers, connection), isStranger: true, operation };
  }
  const caller = await readCaller(access, connection);
  // No key is asked for any more since a moment ago.
  if (operation === undefined) throw credentialNeeded();
  return { caller, isStranger: false, operation };
}

const readOperation = async (request: IncomingMessage, maxBytes: number): Promise<OperationRequest> =>
  parseOperationRequest(jsonText(await readBody(request, maxBytes)));
