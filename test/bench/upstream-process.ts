// The upstream of both sides: the demo upstream (`demo`), and its JSON answer from memory (`replay`), which
// costs so little that the server under test is the busy one.

import { connect, createServer, type Socket } from "node:net";
import { createDemoUpstream } from "../../src/demo/demo-upstream.ts";
import { jsonChat } from "./chats.ts";
import { HttpMessages } from "./http-messages.ts";
import { question } from "./messages.ts";
import { serveParent } from "./parent-process.ts";

const demo = await createDemoUpstream();
const answer = await recordAnswer(demo.port);
const sockets = new Set<Socket>();
const replay = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  const requests = new HttpMessages(() => socket.write(answer));
  socket.on("data", (piece: Buffer) => requests.feed(piece));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => sockets.delete(socket));
});
await new Promise<void>((resolve) => replay.listen(0, "127.0.0.1", resolve));
const address = replay.address();
if (address === null || typeof address === "string") throw new Error("The replay has no port.");

serveParent({
  ports: { demo: demo.port, replay: address.port },
  question,
  answer: () => Promise.resolve(undefined),
  async close() {
    for (const socket of sockets) socket.destroy();
    replay.close();
    await demo.close();
  },
});

/** The demo upstream's whole answer to the JSON chat, as it stands on the wire. */
function recordAnswer(port: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const messages = new HttpMessages((message) => {
      socket.destroy();
      resolve(message);
    });
    socket.on("data", (piece: Buffer) => messages.feed(piece));
    socket.on("error", reject);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json`;
    socket.write(`${head}\r\ncontent-length: ${Buffer.byteLength(jsonChat.body)}\r\n\r\n${jsonChat.body}`);
  });
}
