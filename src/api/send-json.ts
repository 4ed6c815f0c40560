// Whole answers of those that have no format of errors of their own: operations, CORS, paths that nobody serves.

import type { ServerResponse } from "node:http";

export const sendJson = (response: ServerResponse, status: number, body: object): void =>
  sendText(response, { status, type: "application/json", text: JSON.stringify(body) });

export function sendText(
  response: ServerResponse,
  { status, type, text }: { readonly status: number; readonly type: string; readonly text: string },
): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  response.end(text);
}
