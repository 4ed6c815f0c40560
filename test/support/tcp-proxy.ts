// A wire to a server that can be cut, for tests of what becomes of questions and answers under way.

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { listen } from "./listen.ts";

export interface TcpProxy {
  readonly port: number;
  /** Nothing goes through any more, either way, and nobody is told. */
  hang(): void;
  /** The next answer is cut off before its first byte; resolves when it was. */
  cutNextAnswer(): Promise<void>;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let hanging = false;
  let onAnswer: (() => void) | undefined;

  function join(from: Socket): void {
    const to = connect(target);
    for (const socket of [from, to]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        from.destroy();
        to.destroy();
        sockets.delete(socket);
      });
    }
    from.on("data", (bytes) => {
      if (!hanging) to.write(bytes);
    });
    to.on("data", (bytes) => {
      if (hanging) return;
      if (onAnswer === undefined) {
        from.write(bytes);
        return;
      }
      onAnswer();
      onAnswer = undefined;
      from.destroy();
    });
  }

  const server = createServer(join);
  return {
    port: await listen(server),
    hang() {
      hanging = true;
    },
    cutNextAnswer: () =>
      new Promise((resolve) => {
        onAnswer = resolve;
      }),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
