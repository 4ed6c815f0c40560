import { createServer } from "node:http";
import { once } from "node:events";
import { expect, test } from "vitest";
import { createUpstream } from "../../../src/providers/upstream/create-upstream.ts";
import { portOf } from "./raw-server.ts";

const contentOf = (path: string | undefined): string => `${path} `.repeat(60_000);

test("answers that come at the same time are each their own, though all sockets read into one buffer", async () => {
  // In pieces of all sizes, so that reads of different sockets take turns.
  const server = createServer((request, response) => {
    const content = contentOf(request.url);
    for (let at = 0, size = 1; at < content.length; at += size, size = (size * 7) % 9_973) {
      response.write(content.slice(at, at + size));
    }
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  const upstream = createUpstream({
    baseUrl: `http://127.0.0.1:${port}`,
    signer: () => Promise.resolve({}),
    timeouts: { connectMs: 2_000, headersMs: 10_000, idleMs: 10_000 },
    maxAnswerBytes: 10_000_000,
  });
  const signal = new AbortController().signal;
  const paths = Array.from({ length: 12 }, (_, i) => `/answer-${i}`);
  const texts = await Promise.all(
    paths.map(async (path) => (await upstream.send({ method: "GET", path, headers: {} }, signal)).text()),
  );
  for (const [i, text] of texts.entries()) expect(text === contentOf(paths[i])).toBe(true);
  await upstream.close();
  server.close();
});
