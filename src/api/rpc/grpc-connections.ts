// The connections of grpc-js's server, which keeps them to itself, and how they end.

import { type Socket, Server as NetServer } from "node:net";
import type { Server } from "@grpc/grpc-js";
import { type OpenSockets, watchSockets } from "../open-sockets.ts";

export interface GrpcConnections extends OpenSockets {
  /** Resolves when each has been sent the last of its calls and its end. Accepts none from now on. */
  ended(): Promise<void>;
  /** Resolves when the port is free. */
  closed(): Promise<void>;
}

/** @param server bound already, and of one kind of credentials */
export function watchGrpcConnections(
  server: Server,
  { secure }: { readonly secure: boolean },
): GrpcConnections {
  const speaking = new Set<Socket>();
  let whenEnded: (() => void) | undefined;

  function leave(socket: Socket): void {
    speaking.delete(socket);
    if (speaking.size === 0) whenEnded?.();
  }

  function join(socket: Socket): void {
    if (whenEnded !== undefined) {
      socket.destroy();
      return;
    }
    speaking.add(socket);
    // A session says that it has closed only when its peer has closed too.
    socket.once("finish", () => leave(socket));
    socket.once("close", () => leave(socket));
  }

  const listeners = listenersOf(server);
  const closed = Promise.all(
    listeners.map((listener) => new Promise<void>((resolve) => listener.once("close", () => resolve()))),
  );
  const watched = listeners.map((listener) => {
    listener.on(secure ? "secureConnection" : "connection", join);
    return watchSockets(listener);
  });
  return {
    ended() {
      return new Promise((resolve) => {
        whenEnded = resolve;
        if (speaking.size === 0) resolve();
      });
    },
    async closed() {
      await closed;
    },
    destroyAll() {
      for (const sockets of watched) sockets.destroyAll();
    },
  };
}

/** `forceShutdown` would find no connection: grpc-js keeps them for it only while channelz is on. */
function listenersOf(server: Server): readonly NetServer[] {
  const listeners: unknown = Reflect.get(server, "http2Servers");
  return listeners instanceof Map ? [...listeners.keys()].filter((each) => each instanceof NetServer) : [];
}
