import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { GatewayError } from "../../../src/core/errors.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { createUpstream } from "../../../src/providers/upstream/create-upstream.ts";
import type { Upstream, UpstreamRequest } from "../../../src/providers/upstream/upstream.ts";
import { chunked, lastChunk, portOf, startRawServer, streamHead } from "./raw-server.ts";
import { sseFraming } from "../../../src/providers/upstream/sse.ts";

const request: UpstreamRequest = {
  method: "POST",
  path: "/chat",
  headers: { "x-test": "1" },
  body: '{"a":1}',
};
const never = new AbortController().signal;
const cancelled = new GatewayError({ code: "cancelled", message: "The caller left." });
const upstreams: Upstream[] = [];

const upstreamOf = (
  baseUrl: string,
  over: { readonly headersMs?: number; readonly idleMs?: number; readonly maxAnswerBytes?: number } = {},
): Upstream => {
  const upstream = createUpstream({
    baseUrl,
    signer: () => Promise.resolve({ authorization: "Bearer key" }),
    timeouts: { connectMs: 2_000, headersMs: over.headersMs ?? 10_000, idleMs: over.idleMs ?? 10_000 },
    maxAnswerBytes: over.maxAnswerBytes ?? 1_000_000,
  });
  upstreams.push(upstream);
  return upstream;
};

afterEach(async () => {
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.close()));
});

/** No vendor says anything here. */
const failureOf = async (run: Promise<unknown>): Promise<string> => {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderError && error.ownWords) return error.failure;
  throw new Error("no ProviderError of ours was thrown", { cause: error });
};

const whole = (body: string, fields = ""): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${fields}\r\n${body}`;

const closed = async (socket: Socket): Promise<void> => {
  if (!socket.closed) await once(socket, "close");
};

test("sends method, path behind the base's prefix, headers, signature and body", async () => {
  let seen = "";
  await using server = await startRawServer((socket, head) => {
    seen = head;
    socket.write(whole("{}"));
  });
  const answer = await upstreamOf(`${server.url}/v1`).send(request, never);
  expect(await answer.text()).toBe("{}");
  expect(seen).toMatch(/^POST \/v1\/chat HTTP\/1\.1\r\n/);
  expect(seen).toContain("x-test: 1");
  expect(seen).toContain("authorization: Bearer key");
  expect(seen).toContain("accept-encoding: identity");
});

test("header names are in lower case, and values of one name are joined", async () => {
  await using server = await startRawServer((socket) => socket.write(whole("x", "X-One: a\r\nX-One: b\r\n")));
  const answer = await upstreamOf(server.url).send(request, never);
  expect(answer.status).toBe(200);
  expect(answer.headers["x-one"]).toBe("a, b");
  expect(await answer.text()).toBe("x");
});

test("an early hint is not the answer", async () => {
  await using server = await startRawServer((socket) =>
    socket.write(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${whole("x")}`),
  );
  const answer = await upstreamOf(server.url).send(request, never);
  expect([answer.status, await answer.text()]).toEqual([200, "x"]);
});

test("a connection serves one call after the other", async () => {
  await using server = await startRawServer((socket) => socket.write(whole("x")));
  const upstream = upstreamOf(server.url);
  for (let i = 0; i < 3; i += 1) {
    await (await upstream.send(request, never)).text();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(server.connections).toBe(1);
});

test("a refused connection is unavailable", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  server.close();
  await once(server, "close");
  const sent = upstreamOf(`http://127.0.0.1:${port}`).send(request, never);
  expect(await failureOf(sent)).toBe("unavailable");
});

test("an unknown host is unavailable, and its name stays with us", async () => {
  const error: unknown = await upstreamOf("http://no-such-host.invalid")
    .send(request, never)
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ failure: "unavailable" });
  expect(String(error)).not.toContain("no-such-host");
});

test("plain HTTP where TLS is asked for is unavailable", async () => {
  const server = createHttpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const sent = upstreamOf(`https://127.0.0.1:${portOf(server)}`).send(request, never);
  expect(await failureOf(sent)).toBe("unavailable");
  server.close();
});

test("a reset before the headers is unavailable", async () => {
  await using server = await startRawServer((socket) => socket.resetAndDestroy());
  expect(await failureOf(upstreamOf(server.url).send(request, never))).toBe("unavailable");
});

test("an answer that is not HTTP is a broken reply", async () => {
  await using server = await startRawServer((socket) => socket.write("SSH-2.0-OpenSSH_9.6\r\n"));
  expect(await failureOf(upstreamOf(server.url).send(request, never))).toBe("broken_reply");
});

test("a key that no header may hold is a fault of the configuration", async () => {
  const upstream = createUpstream({
    baseUrl: "http://127.0.0.1:9",
    signer: () => Promise.resolve({ authorization: "Bearer key\n" }),
    timeouts: { connectMs: 1_000, headersMs: 1_000, idleMs: 1_000 },
    maxAnswerBytes: 1_000,
  });
  upstreams.push(upstream);
  expect(await failureOf(upstream.send(request, never))).toBe("authentication");
});

test("headers that do not come are a timeout", async () => {
  await using server = await startRawServer(() => undefined);
  expect(await failureOf(upstreamOf(server.url, { headersMs: 50 }).send(request, never))).toBe("timeout");
});

test("a body that stalls is a timeout, for text and for frames", async () => {
  await using server = await startRawServer((socket) =>
    socket.write(`${streamHead}${chunked("data: 1\n\n")}`),
  );
  const upstream = upstreamOf(server.url, { idleMs: 50 });
  expect(await failureOf((await upstream.send(request, never)).text())).toBe("timeout");
  const frames = (await upstream.send(request, never)).frames(sseFraming)[Symbol.asyncIterator]();
  expect(await frames.next()).toEqual({ done: false, value: [{ event: undefined, data: "1" }] });
  expect(await failureOf(frames.next())).toBe("timeout");
});

test("a body that is cut is a broken reply, for text and for frames", async () => {
  await using server = await startRawServer((socket) => socket.end(`${streamHead}${chunked("data: 1\n\n")}`));
  const upstream = upstreamOf(server.url);
  expect(await failureOf((await upstream.send(request, never)).text())).toBe("broken_reply");
  const frames = (await upstream.send(request, never)).frames(sseFraming)[Symbol.asyncIterator]();
  await frames.next();
  expect(await failureOf(frames.next())).toBe("broken_reply");
});

test("a body shorter than its content-length is a broken reply", async () => {
  await using server = await startRawServer((socket) =>
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345"),
  );
  expect(await failureOf((await upstreamOf(server.url).send(request, never)).text())).toBe("broken_reply");
});

test("a reset after the headers is a broken reply", async () => {
  await using server = await startRawServer((socket) => {
    socket.write(streamHead, () => socket.resetAndDestroy());
  });
  const sent = upstreamOf(server.url).send(request, never);
  expect(await failureOf(sent.then((answer) => answer.text()))).toMatch(/broken_reply|unavailable/);
});

test("an answer over the limit is a broken reply and closes its connection", async () => {
  const sockets: Socket[] = [];
  await using server = await startRawServer((socket) => {
    sockets.push(socket);
    socket.write(`${streamHead}${chunked("x".repeat(200))}`);
  });
  const answer = await upstreamOf(server.url, { maxAnswerBytes: 100 }).send(request, never);
  expect(await failureOf(answer.text())).toBe("broken_reply");
  await Promise.all(sockets.map(closed));
});

test("an answer of the limit's size is read", async () => {
  await using server = await startRawServer((socket) => socket.write(whole("x".repeat(100))));
  const answer = await upstreamOf(server.url, { maxAnswerBytes: 100 }).send(request, never);
  expect(await answer.text()).toHaveLength(100);
});

test("one reading may have a limit of its own", async () => {
  await using server = await startRawServer((socket) => socket.write(whole("x".repeat(150))));
  const upstream = upstreamOf(server.url, { maxAnswerBytes: 100 });
  expect(await (await upstream.send(request, never)).text(150)).toHaveLength(150);
  expect(await failureOf((await upstream.send(request, never)).text(149))).toBe("broken_reply");
});

test("text that is not UTF-8, or compressed, is a broken reply", async () => {
  await using server = await startRawServer((socket, head) => {
    if (head.includes("/gzip")) socket.write(whole("x", "content-encoding: gzip\r\n"));
    else
      socket.write(
        Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n"), Buffer.of(0xff)]),
      );
  });
  const upstream = upstreamOf(server.url);
  expect(await failureOf((await upstream.send(request, never)).text())).toBe("broken_reply");
  const compressed = await upstream.send({ ...request, path: "/gzip" }, never);
  expect(await failureOf(compressed.text())).toBe("broken_reply");
});

test("a hundred small chunks come whole, and cut characters too", async () => {
  const text = `data: ${"€".repeat(100)}\n\n`;
  await using server = await startRawServer((socket) => {
    socket.setNoDelay(true);
    socket.write(streamHead);
    for (const byte of Buffer.from(text)) {
      socket.write(Buffer.concat([Buffer.from("1\r\n"), Buffer.of(byte), Buffer.from("\r\n")]));
    }
    socket.write(lastChunk);
  });
  const upstream = upstreamOf(server.url);
  expect(await (await upstream.send(request, never)).text()).toBe(text);
  const data: string[] = [];
  for await (const batch of (await upstream.send(request, never)).frames(sseFraming)) {
    data.push(...batch.map((frame) => frame.data));
  }
  expect(data).toEqual(["€".repeat(100)]);
});

test("a stream of small frames that never ends is broken at eight times the longest answer", async () => {
  const frame = `data: ${"x".repeat(80)}\n\n`;
  await using server = await startRawServer((socket) => {
    socket.write(streamHead);
    for (let i = 0; i < 20; i += 1) socket.write(chunked(frame));
  });
  const read = async (maxAnswerBytes: number): Promise<number> => {
    let frames = 0;
    const answer = await upstreamOf(server.url, { maxAnswerBytes }).send(request, never);
    for await (const batch of answer.frames(sseFraming)) {
      frames += batch.length;
      if (frames === 20) break;
    }
    return frames;
  };
  await expect(read(150)).rejects.toMatchObject({
    failure: "broken_reply",
    message: "The provider's answer streams more than 1200 bytes.",
  });
  expect(await read(250)).toBe(20);
});

test("an abort before the headers rejects with its reason and closes the socket", async () => {
  const arrived = Promise.withResolvers<Socket>();
  await using server = await startRawServer((socket) => arrived.resolve(socket));
  const abort = new AbortController();
  const sent = upstreamOf(server.url).send(request, abort.signal);
  const socket = await arrived.promise;
  abort.abort(cancelled);
  await expect(sent).rejects.toBe(cancelled);
  await closed(socket);
});

test("an abort while connecting rejects at once", async () => {
  await using server = await startRawServer((socket) => socket.write(whole("x")));
  const abort = new AbortController();
  const sent = upstreamOf(server.url).send(request, abort.signal);
  await Promise.resolve();
  abort.abort(cancelled);
  await expect(sent).rejects.toBe(cancelled);
});

test("an abort in mid-stream throws its reason, whatever waits, and closes the socket", async () => {
  const arrived = Promise.withResolvers<Socket>();
  await using server = await startRawServer((socket) => {
    socket.write(`${streamHead}${chunked("data: 1\n\n")}`);
    arrived.resolve(socket);
  });
  const abort = new AbortController();
  const answer = await upstreamOf(server.url).send(request, abort.signal);
  const frames = answer.frames(sseFraming)[Symbol.asyncIterator]();
  await frames.next();
  const waiting = frames.next();
  abort.abort(cancelled);
  await expect(waiting).rejects.toBe(cancelled);
  await closed(await arrived.promise);
});

test("an abort while the whole answer is read throws its reason", async () => {
  await using server = await startRawServer((socket) => socket.write(streamHead));
  const abort = new AbortController();
  const text = (await upstreamOf(server.url).send(request, abort.signal)).text();
  abort.abort(cancelled);
  await expect(text).rejects.toBe(cancelled);
});

test("leaving the frames closes the socket", async () => {
  const arrived = Promise.withResolvers<Socket>();
  await using server = await startRawServer((socket) => {
    socket.write(`${streamHead}${chunked("data: 1\n\n")}`);
    arrived.resolve(socket);
  });
  for await (const batch of (await upstreamOf(server.url).send(request, never)).frames(sseFraming)) {
    expect(batch).toHaveLength(1);
    break;
  }
  await closed(await arrived.promise);
});

test("a reader that stalls holds the server back, and gets everything in the end", async () => {
  const event = chunked(`data: ${"x".repeat(16_000)}\n\n`);
  const events = 4_000;
  let written = 0;
  const held = Promise.withResolvers<undefined>();
  await using server = await startRawServer((socket) => {
    socket.write(streamHead);
    const fill = (): void => {
      while (written < events) {
        written += 1;
        if (!socket.write(event)) {
          // Drained at once while the kernel takes it; many turns without a drain mean that nobody reads.
          let drained = false;
          const turn = (left: number): void => {
            if (drained) return;
            if (left === 0) held.resolve(undefined);
            else setImmediate(turn, left - 1);
          };
          turn(500);
          socket.once("drain", () => {
            drained = true;
            fill();
          });
          return;
        }
      }
      socket.write(lastChunk);
    };
    fill();
  });
  const answer = await upstreamOf(server.url, { maxAnswerBytes: 10_000_000 }).send(request, never);
  const frames = answer.frames(sseFraming)[Symbol.asyncIterator]();
  let read = (await frames.next()).value?.length ?? 0;
  await held.promise;
  expect(written).toBeLessThan(events / 2);
  for (let next = await frames.next(); next.done !== true; next = await frames.next())
    read += next.value.length;
  expect(read).toBe(events);
});

test("no listener stays on the signal", async () => {
  await using server = await startRawServer((socket) => socket.write(whole("x")));
  const abort = new AbortController();
  let listeners = 0;
  const { signal } = abort;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  await (await upstreamOf(server.url).send(request, signal)).text();
  expect(listeners).toBe(0);
});
