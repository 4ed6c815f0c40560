// What is put right, or refused, in a request's head before any front end sees it.

import type { IncomingMessage } from "node:http";

export interface HeadFault {
  readonly status: 400 | 431;
  readonly code: "invalid_request" | "payload_too_large";
  readonly message: string;
}

const absoluteForm = /^https?:\/\/([^/?#]*)([/?].*)?$/i;

/**
 * Refuses what a proxy before us might read in another way: a second `Host` (RFC 9112, 3.2), more headers than
 * are kept. A target in absolute form is brought to its path, and its authority stands for `Host` (3.2.2).
 */
export function headFault(request: IncomingMessage, maxHeaders: number): HeadFault | undefined {
  const { rawHeaders } = request;
  if (rawHeaders.length > 2 * maxHeaders) {
    const message = `More than ${maxHeaders} headers were sent. Send fewer.`;
    return { status: 431, code: "payload_too_large", message };
  }
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts += 1;
  }
  if (hosts > 1) return badRequest("More than one Host header was sent. Send one.");
  if (request.url?.startsWith("/") === true) return undefined;
  return takePath(request);
}

const badRequest = (message: string): HeadFault => ({ status: 400, code: "invalid_request", message });

function takePath(request: IncomingMessage): HeadFault | undefined {
  const target = request.url ?? "";
  if (target === "*" && request.method === "OPTIONS") return undefined;
  const [match, authority = "", path = "/"] = absoluteForm.exec(target) ?? [];
  if (match === undefined || authority === "") {
    return badRequest("The request's target is neither a path nor a whole address.");
  }
  request.url = path.startsWith("/") ? path : `/${path}`;
  request.headers.host = authority;
  return undefined;
}
