// The baseline of gRPC: a hand-written HTTP/2 server that asks the upstream for an SSE stream, parses each
// event, and sends each delta as a ChatEvent encoded by hand. It does nothing else of what a gateway does.

import { createServer, type ServerHttp2Stream } from "node:http2";
import { once } from "node:events";
import { Agent } from "undici";
import { streamedBody } from "./chats.ts";
import { encodeDelta } from "./encode-delta.ts";
import { question } from "./messages.ts";
import { createMeter, serveParent } from "./parent-process.ts";

const upstream = process.env["UPSTREAM"] ?? "";
const body = streamedBody(0);
const agent = new Agent({ allowH2: false });

const server = createServer();
server.on("stream", (stream) => {
  stream.resume();
  stream.once("end", () => {
    answer(stream).catch((error: unknown) => {
      process.stderr.write(`baseline-h2: ${String(error)}\n`);
      stream.close();
    });
  });
});

async function answer(stream: ServerHttp2Stream): Promise<void> {
  stream.respond({ ":status": 200, "content-type": "application/grpc+proto" }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  const reply = await agent.request({
    origin: upstream,
    path: "/v1/chat/completions",
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const decoder = new TextDecoder();
  let rest = "";
  let sequence = 0;
  for await (const piece of reply.body) {
    rest += decoder.decode(piece, { stream: true });
    let start = 0;
    let full = false;
    for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n", start)) {
      const text = deltaOf(rest.slice(start + "data: ".length, end));
      start = end + 2;
      if (text === undefined) continue;
      full = !stream.write(encodeDelta(sequence, text));
      sequence += 1;
    }
    rest = rest.slice(start);
    if (full) await once(stream, "drain");
  }
  stream.end();
}

/** The text of an OpenAI chunk, if it has some. */
function deltaOf(data: string): string | undefined {
  if (data === "[DONE]") return undefined;
  const chunk: { choices?: { delta?: { content?: string } }[] } = JSON.parse(data);
  const text = chunk.choices?.[0]?.delta?.content;
  return text === "" ? undefined : text;
}

await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = server.address();
if (address === null || typeof address === "string") throw new Error("The baseline has no port.");

serveParent({ ports: { grpc: address.port }, question, answer: createMeter() });
