// What a client of the HTTP port may take of time, connections and headers, and what it is told.

import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createGraphqlFrontEnd } from "../../src/api/graphql/graphql-front-end.ts";
import type { HttpBounds } from "../../src/api/http-bounds.ts";
import type { HttpFrontEnd } from "../../src/api/http-front-end.ts";
import { type ListeningServer, startHttpServer } from "../../src/api/http-server.ts";
import { createOpenAiFrontEnd } from "../../src/api/openai/openai-front-end.ts";
import { createConnectFrontEnd } from "../../src/api/rpc/connect-front-end.ts";
import { readBody } from "../../src/api/read-body.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createScriptedProvider, textScript } from "../support/scripted-provider.ts";
import { createTestGateway, type ReadableLedger } from "../support/test-gateway.ts";
import { bodyOf, chatBody, sendRaw } from "./serve-edge.ts";

const maxBodyBytes = 100_000;

let server: ListeningServer | undefined;
let ledger: ReadableLedger;
afterEach(() => server?.close());

async function start(bounds: Partial<HttpBounds> = {}, more: readonly HttpFrontEnd[] = []): Promise<number> {
  const made = createTestGateway({
    providers: { first: createScriptedProvider(textScript("Hello you"), { steps: ["hang"] }) },
    clock: systemClock,
  });
  ledger = made.ledger;
  const common = { gateway: made.gateway, maxBodyBytes, clock: systemClock };
  const frontEnds = [
    createOpenAiFrontEnd(common),
    createConnectFrontEnd(common),
    createGraphqlFrontEnd(common),
    ...more,
  ];
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    clock: systemClock,
    frontEnds,
    bounds,
    maxBodyBytes,
  });
  return server.port;
}

const head = (extra = "", path = "/v1/chat/completions") =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${extra}\r\n`;
const whole = `${head(`connection: close\r\ncontent-length: ${chatBody.length}\r\n`)}${chatBody}`;
const statusOf = (answer: string) => answer.split("\r\n")[0];
const quick = { headersMs: 60, requestMs: 120, checkMs: 20 };

describe("a request that comes too slowly", () => {
  test.each([
    ["nothing at all", ""],
    ["half of its first line", "POST /v1/chat"],
    ["headers without an end", "POST /v1/models HTTP/1.1\r\nhost: localhost\r\nx-a: 1\r\n"],
  ])("is refused by the time for headers: %s", async (_, sent) => {
    const answer = await sendRaw(await start(quick), sent);
    expect(statusOf(answer)).toBe("HTTP/1.1 408 Request Timeout");
    expect(bodyOf(answer)).toMatchObject({ error: { code: "deadline_exceeded" } });
  });

  test.each(["/v1/chat/completions", "/graphql", "/sluice.v1.ChatService/Chat"])(
    "is refused by the time for bodies: %s",
    async (path) => {
      const answer = await sendRaw(await start(quick), head("content-length: 1000\r\n", path), '{"model');
      expect(statusOf(answer)).toBe("HTTP/1.1 408 Request Timeout");
      expect(bodyOf(answer)).toEqual({
        error: {
          code: "deadline_exceeded",
          message: "The request did not come whole in time. Send it faster, or in smaller parts.",
        },
      });
      expect(ledger.opened).toEqual([]);
    },
  );

  test("is refused although it goes on and on", async () => {
    const port = await start(quick);
    const socket = connect(port, "127.0.0.1");
    socket.write(head("transfer-encoding: chunked\r\n"));
    const trickle = setInterval(() => socket.write("1\r\n \r\n"), 5);
    socket.on("error", () => {});
    let answer = "";
    socket.on("data", (data: Buffer) => {
      answer += data.toString();
    });
    await once(socket, "close");
    clearInterval(trickle);
    expect(statusOf(answer)).toBe("HTTP/1.1 408 Request Timeout");
  });

  test("does not hold up others", async () => {
    const port = await start({ ...quick, requestMs: 60_000, headersMs: 60_000 });
    const slow = Array.from({ length: 200 }, () => connect(port, "127.0.0.1"));
    await Promise.all(slow.map((socket) => once(socket, "connect")));
    for (const socket of slow) socket.write(head("content-length: 1000\r\n"));
    expect(statusOf(await sendRaw(port, whole))).toBe("HTTP/1.1 200 OK");
    for (const socket of slow) socket.destroy();
  });

  test("that is none, but an answer that takes its time, is left alone", async () => {
    const port = await start(quick);
    expect(statusOf(await sendRaw(port, whole))).toBe("HTTP/1.1 200 OK");
    const controller = new AbortController();
    const waiting = fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: chatBody,
      signal: controller.signal,
    });
    // The next look at the connections finds another request too slow, and this one in order.
    expect(statusOf(await sendRaw(port, ""))).toBe("HTTP/1.1 408 Request Timeout");
    expect(await Promise.race([waiting, Promise.resolve("still open")])).toBe("still open");
    controller.abort();
    await expect(waiting).rejects.toThrow();
  });
});

describe("headers", () => {
  test("longer than 16 KiB are refused", async () => {
    const answer = await sendRaw(await start(), head(`x-long: ${"a".repeat(17_000)}\r\n`));
    expect(statusOf(answer)).toBe("HTTP/1.1 431 Request Header Fields Too Large");
    expect(bodyOf(answer)).toMatchObject({ error: { code: "payload_too_large" } });
  });

  test("of more than 128 names are refused, none is dropped in silence", async () => {
    const many = Array.from({ length: 127 }, (_, i) => `x-${i}: 1\r\n`).join("");
    const answer = await sendRaw(await start(), head(many));
    expect(statusOf(answer)).toBe("HTTP/1.1 431 Request Header Fields Too Large");
    expect(bodyOf(answer)).toMatchObject({ error: { code: "payload_too_large" } });
  });

  test.each([
    ["two lengths", "content-length: 2\r\ncontent-length: 3\r\n"],
    ["a length and chunks", "content-length: 2\r\ntransfer-encoding: chunked\r\n"],
    ["an unknown coding", "transfer-encoding: chunked, identity\r\n"],
    ["a space before the colon", "content-length : 2\r\n"],
    ["a folded line", "x-a: 1\r\n 2\r\n"],
    ["a control character", "x-a: 1\u00002\r\n"],
    ["a length that is no number", "content-length: +2\r\n"],
  ])("that proxies may read otherwise are refused: %s", async (_, extra) => {
    const answer = await sendRaw(await start(), `${head(extra)}{}`);
    expect(statusOf(answer)).toBe("HTTP/1.1 400 Bad Request");
    expect(bodyOf(answer)).toMatchObject({ error: { code: "invalid_request" } });
    expect(ledger.opened).toEqual([]);
  });

  test("that are no HTTP are refused without telling what reads them", async () => {
    const port = await start();
    for (const sent of ["\u0016\u0003\u0001\u0002", "GARBAGE\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]) {
      const answer = await sendRaw(port, sent);
      expect(statusOf(answer)).toBe("HTTP/1.1 400 Bad Request");
      expect(answer).not.toMatch(/HPE_|node|parser/i);
    }
  });
});

describe("an answer that has begun", () => {
  test("is not followed by a refusal that would pass for a part of it", async () => {
    const begun: HttpFrontEnd = {
      endpoints: [],
      serves: (path) => path === "/begun",
      handle(_request, response) {
        response.writeHead(200, { "content-type": "text/plain" });
        response.write("begun");
      },
    };
    const port = await start(quick, [begun]);
    const answer = await sendRaw(port, "GET /begun HTTP/1.1\r\nhost: localhost\r\n\r\n", "GARBAGE\r\n\r\n");
    expect(answer).not.toContain("400");
    const slow = await sendRaw(port, "GET /begun HTTP/1.1\r\nhost: localhost\r\n\r\n", "GET /slow");
    expect(slow).toContain("begun");
    expect(slow).not.toContain("408");
  });
});

describe("requests that do not wait for answers", () => {
  const never: HttpFrontEnd = { endpoints: [], serves: (path) => path === "/never", handle() {} };
  const line = "GET /never HTTP/1.1\r\nhost: localhost\r\n\r\n";

  test("close their connection when too many wait", async () => {
    let served = 0;
    const counting = { ...never, handle: () => void (served += 1) };
    const port = await start({}, [counting]);
    expect(await sendRaw(port, line.repeat(1_000))).toBe("");
    expect(served).toBeLessThan(20);
  });

  test("are served in their order when they are few", async () => {
    const port = await start();
    const models = "GET /v1/models HTTP/1.1\r\nhost: localhost\r\n";
    const answer = await sendRaw(port, `${models}\r\n`.repeat(9) + `${models}connection: close\r\n\r\n`);
    expect(answer.split("HTTP/1.1 200 OK").length).toBe(11);
  });

  test("one after the other are no such thing", async () => {
    const port = await start({ pipelined: 2 });
    const socket = connect(port, "127.0.0.1");
    for (let i = 0; i < 50; i++) {
      socket.write("GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n");
      expect(String((await once(socket, "data"))[0])).toContain("200 OK");
    }
    socket.destroy();
  });
});

const closed = (socket: Socket) => new Promise((resolve) => socket.once("close", resolve));

describe("connections", () => {
  test("beyond the number that is allowed are closed, and later ones are served again", async () => {
    const port = await start({ connections: 3 });
    const held = [0, 1, 2].map(() => connect(port, "127.0.0.1"));
    await Promise.all(held.map((socket) => once(socket, "connect")));
    expect(await sendRaw(port, whole)).toBe("");
    const gone = held.map(closed);
    for (const socket of held) socket.end();
    await Promise.all(gone);
    expect(statusOf(await sendRaw(port, whole))).toBe("HTTP/1.1 200 OK");
  });

  test("on which nothing more comes are closed", async () => {
    const port = await start({ idleMs: 30, checkMs: 10 });
    const answer = await sendRaw(port, "GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n");
    expect(statusOf(answer)).toBe("HTTP/1.1 200 OK");
  });

  test("are no tunnels", async () => {
    const port = await start();
    expect(await sendRaw(port, "CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n")).toBe("");
  });
});

describe("a client that asks before it sends its body", () => {
  test("is told to go on", async () => {
    const expecting = head(
      `expect: 100-continue\r\nconnection: close\r\ncontent-length: ${chatBody.length}\r\n`,
    );
    const answer = await sendRaw(await start(), expecting, chatBody);
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  });

  test.each(["/v1/chat/completions", "/graphql", "/sluice.v1.ChatService/Chat"])(
    "is told at once that it is too long: %s",
    async (path) => {
      const expecting = head(`expect: 100-continue\r\nconnection: close\r\ncontent-length: 200000\r\n`, path);
      const answer = await sendRaw(await start(), expecting);
      expect(answer).not.toContain("100 Continue");
      expect(answer).toContain("MAX_BODY_BYTES");
    },
  );

  test("for something else is told that this is not done", async () => {
    const answer = await sendRaw(await start(), head("expect: the-unexpected\r\nconnection: close\r\n"));
    expect(statusOf(answer)).toBe("HTTP/1.1 417 Expectation Failed");
  });
});

const upgrade = (path: string, extra: string) =>
  `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n${extra}\r\n`;

describe("an upgrade", () => {
  const websocket =
    "upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

  test("to another protocol is not done, and the request is served as it is", async () => {
    // Java's client asks for HTTP/2 with every first request.
    const asking = `connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n`;
    const answer = await sendRaw(
      await start({ ...quick, idleMs: 20 }),
      `${head(`${asking}content-length: ${chatBody.length}\r\n`)}${chatBody}`,
    );
    expect(statusOf(answer)).toBe("HTTP/1.1 200 OK");
  });

  test("where there are no websockets is answered", async () => {
    const answer = await sendRaw(await start({ ...quick, idleMs: 20 }), upgrade("/v1/models", websocket));
    expect(statusOf(answer)).toBe("HTTP/1.1 200 OK");
  });

  test.each([
    ["two hosts", `host: evil.test\r\n${websocket}`],
    ["no key", "upgrade: websocket\r\nsec-websocket-version: 13\r\n"],
    ["too many headers", `${websocket}${"x-a: 1\r\n".repeat(130)}`],
  ])("that is malformed is refused: %s", async (_, extra) => {
    expect(statusOf(await sendRaw(await start(), upgrade("/graphql", extra)))).toBe(
      "HTTP/1.1 400 Bad Request",
    );
  });

  test("never makes messages smaller, whatever the client offers", async () => {
    const port = await start();
    const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, "graphql-transport-ws", {
      perMessageDeflate: true,
    });
    await once(socket, "open");
    expect(socket.extensions).toBe("");
    socket.close();
  });

  test("of a client that resets at once brings nothing down", async () => {
    const port = await start();
    for (let i = 0; i < 20; i++) {
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.write(upgrade("/graphql", `origin: https://evil.test\r\n${websocket}`));
      socket.resetAndDestroy();
    }
    expect(statusOf(await sendRaw(port, whole))).toBe("HTTP/1.1 200 OK");
  });
});

async function answerWith(body: Promise<Buffer>, response: ServerResponse): Promise<Buffer> {
  const read = await body;
  response.end();
  return read;
}

async function read(pieces: readonly string[]): Promise<{ body: string; retained: number }> {
  const { promise, resolve } = Promise.withResolvers<{ body: string; retained: number }>();
  const reading: HttpFrontEnd = {
    endpoints: [],
    serves: (path) => path === "/body",
    handle(request, response) {
      void answerWith(readBody(request, maxBodyBytes), response).then((body) =>
        resolve({ body: body.toString("latin1"), retained: body.buffer.byteLength }),
      );
    },
  };
  const port = await start({}, [reading]);
  const chunks = pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`);
  void sendRaw(
    port,
    head("transfer-encoding: chunked\r\nconnection: close\r\n", "/body"),
    ...chunks,
    "0\r\n\r\n",
  );
  return promise;
}

const answeringLong = (handle: HttpFrontEnd["handle"]): HttpFrontEnd => ({
  endpoints: [],
  serves: (path) => path === "/long",
  handle,
});

function askForLong(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.pause();
  socket.write("GET /long HTTP/1.1\r\nhost: localhost\r\n\r\n");
  return socket;
}

describe("an answer that nobody reads", () => {
  const long = Buffer.alloc(30_000_000);
  test("does not keep its connection", async () => {
    const closed = Promise.withResolvers<boolean>();
    const port = await start({ unreadMs: 60 }, [
      answeringLong((_, response) => {
        response.once("close", () => closed.resolve(response.writableFinished));
        response.end(long);
      }),
    ]);
    const socket = askForLong(port);
    expect(await closed.promise).toBe(false);
    socket.destroy();
  });

  test("does not keep it either while Connect streams it", async () => {
    const closed = Promise.withResolvers<boolean>();
    const { gateway } = createTestGateway({
      providers: { first: createScriptedProvider(textScript(`${"x".repeat(1_000_000)} `.repeat(30))) },
      clock: systemClock,
    });
    const connectFrontEnd = createConnectFrontEnd({ gateway, maxBodyBytes });
    server = await startHttpServer({
      host: "127.0.0.1",
      port: 0,
      clock: systemClock,
      bounds: { unreadMs: 60 },
      frontEnds: [
        {
          endpoints: [],
          serves: () => true,
          handle(request, response) {
            response.once("close", () => closed.resolve(response.writableFinished));
            connectFrontEnd.handle(request, response);
          },
        },
      ],
    });
    const message = '{"messages":[{"role":"ROLE_USER","parts":[{"text":"Hello"}]}]}';
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.pause();
    socket.write(
      "POST /sluice.v1.ChatService/StreamChat HTTP/1.1\r\nhost: localhost\r\n" +
        `content-type: application/connect+json\r\ncontent-length: ${message.length + 5}\r\n\r\n` +
        `\0\0\0\0${String.fromCharCode(message.length)}${message}`,
    );
    expect(await closed.promise).toBe(false);
    socket.destroy();
  });

  test("is another thing than one that is waited for", async () => {
    const timedOut = Promise.withResolvers<ServerResponse>();
    const port = await start({ unreadMs: 30 }, [
      answeringLong((_, response) => {
        let silences = 0;
        response.on("timeout", () => {
          silences += 1;
          if (silences === 3) timedOut.resolve(response);
        });
      }),
    ]);
    const socket = askForLong(port);
    (await timedOut.promise).end("after all");
    socket.resume();
    const [bytes] = await once(socket, "data");
    expect(String(bytes)).toContain("after all");
    socket.destroy();
  });
});

describe("a body in many pieces", () => {
  test.each([
    ["of one byte", Array.from("whole".repeat(2_000))],
    [
      "of growing length",
      Array.from({ length: 120 }, (_, i) => String.fromCharCode(97 + (i % 26)).repeat(i + 1)),
    ],
    ["that is one", ["x".repeat(90_000)]],
    ["that is empty", []],
  ])("%s is what was sent, and takes little more memory than that", async (_, pieces) => {
    const { body, retained } = await read(pieces);
    expect(body).toBe(pieces.join(""));
    expect(retained).toBeLessThanOrEqual(Math.max(131_072, 2 * body.length));
  });
});
