// A good answer that is not a stream: JSON text that was made already, in one write.

import type { ServerResponse } from "node:http";

export function sendJsonText(
  response: ServerResponse,
  text: string,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(200, {
    ...headers,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    // What may be kept, the gateway keeps itself.
    "cache-control": "no-store",
  });
  response.end(text);
}
