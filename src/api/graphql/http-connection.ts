import type { IncomingMessage } from "node:http";
import type { Connection } from "../caller.ts";

/** A request's headers and peer as `readCaller` takes them; of a repeated header the first counts. */
export function connectionOf(request: IncomingMessage): Connection {
  return {
    header(name) {
      const value = request.headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    remoteAddress: request.socket.remoteAddress,
  };
}
