// The connections of a port, so that they can be ended all at once.

import type { Server, Socket } from "node:net";

export interface OpenSockets {
  /** Those included that were taken over by another protocol, or have not finished their TLS handshake. */
  destroyAll(): void;
}

export function watchSockets(server: Server): OpenSockets {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return {
    destroyAll() {
      for (const socket of open) socket.destroy();
    },
  };
}
