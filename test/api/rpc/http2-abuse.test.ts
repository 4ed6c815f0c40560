// What a peer of the gRPC port may do to it on the level of HTTP/2: it ends its own connection at worst.

import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
} from "node:http2";
import { connect } from "node:net";
import { toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { ChatRequestSchema } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { createGrpcServer, type GrpcBounds, type GrpcServer } from "../../../src/api/rpc/grpc-server.ts";
import type { Access } from "../../../src/core/access/access.ts";
import { GatewayError } from "../../../src/core/errors.ts";
import { systemClock } from "../../../src/system-clock.ts";
import {
  createScriptedProvider,
  type Script,
  type ScriptedProvider,
  textScript,
} from "../../support/scripted-provider.ts";
import { createTestGateway, openAccess, type ReadableLedger } from "../../support/test-gateway.ts";
import { enveloped, openRaw } from "./raw-grpc.ts";
import { grpcClient, hello, maxBodyBytes, openStream, readStream } from "./rpc-fixtures.ts";
import { principalOfRole } from "../../support/principals.ts";

let server: GrpcServer | undefined;
let ledger: ReadableLedger;
let provider: ScriptedProvider;
const sessions: ClientHttp2Session[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy();
  await server?.close();
});

interface StartOptions {
  readonly bounds?: Partial<GrpcBounds>;
  readonly access?: Access;
  readonly scripts?: readonly Script[];
}

async function start(options: StartOptions = {}): Promise<number> {
  provider = createScriptedProvider(...(options.scripts ?? [textScript("Hello you")]));
  const made = createTestGateway({
    providers: { first: provider },
    clock: systemClock,
    access: options.access ?? openAccess,
  });
  ledger = made.ledger;
  server = await createGrpcServer({
    gateway: made.gateway,
    host: "127.0.0.1",
    port: 0,
    maxBodyBytes,
    clock: systemClock,
    bounds: options.bounds,
    closeGraceMs: 100,
  });
  return server.port;
}

function open(port: number): ClientHttp2Session {
  const session = connectHttp2(`http://127.0.0.1:${port}`, { maxOutstandingPings: 1_000_000 });
  session.on("error", () => {});
  sessions.push(session);
  return session;
}

const path = "/sluice.v1.ChatService/StreamChat";
const frame = () => enveloped(toBinary(ChatRequestSchema, hello()));

const call = (session: ClientHttp2Session, headers?: Readonly<Record<string, string>>): ClientHttp2Stream =>
  openRaw(session, path, headers);

/** Another client is served as if nothing were. */
async function isServed(port: number): Promise<boolean> {
  const client = grpcClient(port);
  const { events, status: end } = await readStream(openStream(client));
  client.close();
  return end.code === status.OK && events.length === 7;
}

const ended = (stream: ClientHttp2Stream) =>
  new Promise<void>((resolve) => stream.once("close", () => resolve()));
const rss = () => process.memoryUsage().rss / 1_048_576;

describe("calls that are opened and reset at once", () => {
  test("by the thousand close their connection, and leave nothing open (CVE-2023-44487)", async () => {
    const port = await start();
    expect(await isServed(port)).toBe(true);
    const session = open(port);
    await once(session, "connect");
    const before = rss();
    const closed = new Promise((resolve) => session.once("close", resolve));
    const request = frame();
    let opened = 0;
    for (; opened < 2_000 && !session.destroyed && !session.closed; opened++) {
      const stream = call(session);
      stream.end(request);
      stream.close(constants.NGHTTP2_CANCEL);
      if (opened % 100 === 99) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await isServed(port)).toBe(true);
    await closed;
    while (ledger.settled.length < ledger.opened.length)
      await new Promise((resolve) => setImmediate(resolve));
    const ends = ledger.settled.map(({ status }) => status);
    expect(ends.filter((end) => end !== "ok" && end !== "cancelled")).toEqual([]);
    expect(ends).toContain("cancelled");
    expect(provider.ended).toBe(provider.calls.length);
    expect(rss() - before).toBeLessThan(150);
  });

  test("once they run end at their provider, and are recorded as cancelled", async () => {
    const held = Array.from({ length: 100 }, (): Script => ({ steps: ["hang"] }));
    const port = await start({ scripts: [...held, textScript("Hello you")] });
    const session = open(port);
    const streams = Array.from({ length: 100 }, () => {
      const stream = call(session);
      stream.end(frame());
      return stream;
    });
    while (provider.calls.length < 100) await new Promise((resolve) => setImmediate(resolve));
    for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL);
    while (ledger.settled.length < 100) await new Promise((resolve) => setImmediate(resolve));
    expect(ledger.settled.every(({ status }) => status === "cancelled")).toBe(true);
    expect(provider.ended).toBe(100);
    expect(await isServed(port)).toBe(true);
  });
});

describe("a flood", () => {
  test("of pings does not stop others", async () => {
    const port = await start();
    const session = open(port);
    await once(session, "connect");
    const before = rss();
    for (let i = 0; i < 20_000 && !session.destroyed; i++) session.ping(() => {});
    expect(await isServed(port)).toBe(true);
    expect(rss() - before).toBeLessThan(150);
  });

  test("of settings does not stop others", async () => {
    const port = await start();
    const session = open(port);
    await once(session, "connect");
    const before = rss();
    for (let i = 0; i < 5_000 && !session.destroyed; i++) {
      session.settings({ initialWindowSize: 65_535 - (i % 2) }, () => {});
    }
    expect(await isServed(port)).toBe(true);
    expect(rss() - before).toBeLessThan(150);
  });

  test("of pings whose answers nobody reads ends the connection", async () => {
    const port = await start();
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0", "latin1");
    const ping = Buffer.from("\0\0\u0008\u0006\0\0\0\0\0abcdefgh", "latin1");
    socket.write(preface);
    socket.pause();
    const pings = Buffer.concat(Array.from({ length: 10_000 }, () => ping));
    const before = rss();
    // The receive buffers of the system fill first, then nghttp2's queue of answers.
    for (let i = 0; i < 400 && !socket.destroyed; i++) {
      if (!socket.write(pings)) await Promise.race([once(socket, "drain").catch(() => {}), closed]);
      if (socket.writableLength > 20_000_000) break;
    }
    expect(await isServed(port)).toBe(true);
    expect(rss() - before).toBeLessThan(200);
    socket.destroy();
    await closed;
  });

  test("of streams is held to what a connection may have open", async () => {
    const held = Array.from({ length: 16 }, (): Script => ({ steps: ["hang"] }));
    const port = await start({ bounds: { streams: 16 }, scripts: [...held, textScript("Hello you")] });
    const session = open(port);
    await once(session, "remoteSettings");
    for (let i = 0; i < 64; i++) call(session).end(frame());
    while (provider.calls.length < 16) await new Promise((resolve) => setImmediate(resolve));
    expect(await isServed(port)).toBe(true);
    expect(provider.calls).toHaveLength(17);
  });
});

describe("headers", () => {
  test.each([
    ["one of 100 kB", { "x-long": "a".repeat(100_000) }],
    ["very many", Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`x-${i}`, "1"]))],
  ])("that are too long end the call alone: %s", async (_, headers) => {
    const port = await start();
    const session = open(port);
    const stream = call(session, headers);
    stream.end(frame());
    await ended(stream);
    expect(stream.rstCode).not.toBe(constants.NGHTTP2_NO_ERROR);
    expect(ledger.opened).toEqual([]);
    expect(await isServed(port)).toBe(true);
  });
});

async function answerOf(stream: ClientHttp2Stream): Promise<{ code: string; message: string }> {
  const [headers] = await once(stream, "response");
  stream.resume();
  return { code: String(headers["grpc-status"]), message: decodeURI(String(headers["grpc-message"])) };
}

describe("a peer that is slow", () => {
  test.each([
    ["with all of it", Buffer.alloc(0)],
    ["with the end of it", frame().subarray(0, 10)],
    ["to say that it was all", frame()],
  ])("with its message is refused: %s", async (_, sent) => {
    const port = await start({ bounds: { messageMs: 40 } });
    const stream = call(open(port));
    stream.write(sent);
    const { code, message } = await answerOf(stream);
    expect([code, message]).toEqual([
      String(status.DEADLINE_EXCEEDED),
      "The request did not come whole in time. Send it faster, or in smaller parts.",
    ]);
    expect(ledger.opened).toEqual([]);
    expect(await isServed(port)).toBe(true);
  });

  test("to read a long answer is none of these", async () => {
    const port = await start({ bounds: { messageMs: 30 }, scripts: [{ steps: ["hang"] }] });
    const session = open(port);
    const waiting = call(session);
    waiting.end(frame());
    while (provider.calls.length < 1) await new Promise((resolve) => setImmediate(resolve));
    // A later call whose message never comes is refused, this one goes on.
    const { code } = await answerOf(call(session));
    expect([code, waiting.closed]).toEqual([String(status.DEADLINE_EXCEEDED), false]);
  });

  test.each([
    ["nothing", ""],
    ["half of its first words", "PRI * HTTP/2.0\r\n"],
  ])("to speak at all is closed: %s", async (_, sent) => {
    const port = await start({ bounds: { pingMs: 20, pongMs: 20 } });
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(sent);
    socket.resume();
    await once(socket, "close");
    expect(await isServed(port)).toBe(true);
  });

  test("to ask for anything is closed after a while", async () => {
    const port = await start({ bounds: { idleMs: 30 } });
    const session = open(port);
    await once(session, "goaway");
  });

  test("that speaks HTTP/1.1 is closed", async () => {
    const port = await start();
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
    socket.resume();
    await once(socket, "close");
    expect(await isServed(port)).toBe(true);
  });
});

describe("a caller without a key", () => {
  const refusing: Access = {
    keyless: false,
    authenticate: ({ credential }) =>
      credential === "right"
        ? Promise.resolve(principalOfRole("developer", "default"))
        : Promise.reject(new GatewayError({ code: "unauthenticated", message: "A key is needed." })),
  };

  test("is refused before it has sent a byte of its message", async () => {
    const port = await start({ access: refusing });
    const stream = call(open(port), { "x-api-key": "wrong" });
    const { code, message } = await answerOf(stream);
    expect([code, message]).toEqual([String(status.UNAUTHENTICATED), "A key is needed."]);
  });

  test("with a good key is served on the same connection", async () => {
    const port = await start({ access: refusing });
    const session = open(port);
    await answerOf(call(session));
    const stream = call(session, { "x-api-key": "right" });
    stream.end(frame());
    stream.resume();
    const [trailers] = await once(stream, "trailers");
    expect(trailers["grpc-status"]).toBe("0");
  });
});

test("who stands behind a proxy is told by its metadata, as over HTTP", async () => {
  const seen: unknown[] = [];
  const port = await start({
    access: {
      ...openAccess,
      authenticate(presented) {
        seen.push(presented);
        return openAccess.authenticate(presented);
      },
    },
  });
  const stream = call(open(port), {
    "x-forwarded-for": "203.0.113.9, 10.0.0.1",
    "x-forwarded-host": "api.example.com",
    ":authority": "Inner.:1",
  });
  stream.end(frame());
  stream.resume();
  await once(stream, "trailers");
  expect(seen).toEqual([
    {
      credential: undefined,
      remoteAddress: "127.0.0.1",
      host: "Inner.:1",
      origin: undefined,
      secure: undefined,
      forwarding: { for: "203.0.113.9, 10.0.0.1", host: "api.example.com", proto: undefined },
    },
  ]);
});
