import { createServer } from "node:net";
import { listen } from "../../support/listen.ts";

/** A Redis that says what it was sent. */
export async function startEchoingRedis(): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (bytes) =>
      socket.write(`-ERR not ${bytes.toString("latin1").replaceAll(/[\r\n]+/g, " ")}\r\n`),
    );
  });
  return { port: await listen(server), close: () => void server.close() };
}
