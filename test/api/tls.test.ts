// TLS on both ports, with the clients that people use; and files that cannot be served.

import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect as connectTcp } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import { Client, credentials, status } from "@grpc/grpc-js";
import { createClient } from "graphql-ws";
import { Agent, fetch as undiciFetch } from "undici";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { ConfigurationError } from "../../src/config/configuration.ts";
import { readTlsFiles } from "../../src/tls-files.ts";
import { type Certificates, makeCertificates } from "./make-certificates.ts";
import { chatBody, type Edge, key, sendRaw, serveEdge } from "./serve-edge.ts";
import { openStream, readStream } from "./rpc/rpc-fixtures.ts";

let certificates: Certificates;
let edge: Edge | undefined;
beforeAll(() => {
  certificates = makeCertificates();
});
afterAll(() => rmSync(certificates.folder, { recursive: true }));
afterEach(async () => {
  await edge?.close();
  edge = undefined;
});

const serverFiles = () => ({
  tlsCert: certificates.path("server.pem"),
  tlsKey: certificates.path("server.key"),
});
const mutual = () => ({ ...serverFiles(), tlsClientCa: certificates.path("ca.pem") });
const trusting = () => ({ ca: certificates.pem("ca.pem") });
const asClient = () => ({
  ...trusting(),
  cert: certificates.pem("client.pem"),
  key: certificates.pem("client.key"),
});
const asStranger = () => ({
  ...trusting(),
  cert: certificates.pem("stranger.pem"),
  key: certificates.pem("stranger.key"),
});

async function chat(url: string, options: ConnectionOptions): Promise<unknown> {
  const dispatcher = new Agent({ connect: options });
  try {
    const response = await undiciFetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: chatBody,
      dispatcher,
    });
    return await response.json();
  } finally {
    await dispatcher.close();
  }
}

async function streamOverGrpc(port: number, options: { ca: Buffer; cert?: Buffer; key?: Buffer }) {
  const { ca, cert = null, key: privateKey = null } = options;
  const client = new Client(`localhost:${port}`, credentials.createSsl(ca, privateKey, cert), {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_retries": 0,
  });
  try {
    return await readStream(openStream(client));
  } finally {
    client.close();
  }
}

async function routesOverWebsocket(url: string, options: object): Promise<unknown> {
  class TlsWebSocket extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols, options);
    }
  }
  const client = createClient({
    url: `${url.replace("https", "wss")}/graphql`,
    webSocketImpl: TlsWebSocket,
    retryAttempts: 0,
  });
  const { value } = await client.iterate({ query: "{ routes { name } }" }).next();
  await client.dispose();
  return value;
}

describe("with a certificate", () => {
  test("HTTP, gRPC and websockets are encrypted, for clients that trust its authority", async () => {
    edge = await serveEdge(serverFiles());
    expect(edge.secure).toBe(true);
    expect(await chat(edge.url, trusting())).toMatchObject({
      choices: [{ message: { content: "Hello you" } }],
    });
    const { events, status: end } = await streamOverGrpc(edge.grpcPort, trusting());
    expect([events.length, end.code]).toEqual([7, status.OK]);
    expect(await routesOverWebsocket(edge.url, trusting())).toMatchObject({ data: { routes: [{}, {}] } });
  });

  test("other clients do not talk to it", async () => {
    edge = await serveEdge(serverFiles());
    await expect(chat(edge.url, {})).rejects.toThrow();
    expect((await streamOverGrpc(edge.grpcPort, { ca: certificates.pem("stranger.pem") })).status.code).toBe(
      status.UNAVAILABLE,
    );
  });

  test("a page of its own host is one that came by https", async () => {
    edge = await serveEdge({ ...serverFiles(), access: { apiKeys: [key] } });
    const open = async (origin: string) => {
      const socket = new WebSocket(`${edge?.url.replace("https", "wss")}/graphql`, "graphql-transport-ws", {
        ...trusting(),
        origin,
      });
      socket.on("error", () => {});
      const opened = await Promise.race([
        once(socket, "open").then(() => true),
        once(socket, "unexpected-response").then(() => false),
      ]);
      socket.terminate();
      return opened;
    };
    expect(await open(edge.url)).toBe(true);
    expect(await open(edge.url.replace("https", "http"))).toBe(false);
  });

  test("plain HTTP gets nothing", async () => {
    edge = await serveEdge(serverFiles());
    const head = "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    expect(await sendRaw(edge.httpPort, head)).not.toContain("200");
  });

  test.each(["TLSv1", "TLSv1.1"] as const)("%s is too old for both ports", async (maxVersion) => {
    edge = await serveEdge(serverFiles());
    for (const port of [edge.httpPort, edge.grpcPort]) {
      const socket = connect({
        port,
        host: "localhost",
        ...trusting(),
        minVersion: "TLSv1",
        maxVersion,
        // Without this the client itself would refuse.
        ciphers: "DEFAULT@SECLEVEL=0",
      });
      const [error] = await once(socket, "error").catch((thrown: unknown) => [thrown]);
      expect(String(error)).toMatch(/alert|version|protocol/i);
    }
  });

  test("TLS 1.2 is not", async () => {
    edge = await serveEdge(serverFiles());
    for (const port of [edge.httpPort, edge.grpcPort]) {
      const socket = connect({ port, host: "localhost", ...trusting(), maxVersion: "TLSv1.2" });
      await once(socket, "secureConnect");
      socket.destroy();
    }
  });
});

describe("with an authority for clients", () => {
  test("those who show its certificate are served", async () => {
    edge = await serveEdge(mutual());
    expect(await chat(edge.url, asClient())).toMatchObject({ choices: [{}] });
    expect((await streamOverGrpc(edge.grpcPort, asClient())).status.code).toBe(status.OK);
    expect(await routesOverWebsocket(edge.url, asClient())).toMatchObject({ data: { routes: [{}, {}] } });
  });

  test.each([
    ["none", trusting],
    ["one of another authority", asStranger],
  ])("those who show %s are not", async (_, options) => {
    edge = await serveEdge(mutual());
    await expect(chat(edge.url, options())).rejects.toThrow();
    await expect(routesOverWebsocket(edge.url, options())).rejects.toBeDefined();
    expect((await streamOverGrpc(edge.grpcPort, options())).status.code).toBe(status.UNAVAILABLE);
    const health = request(`${edge.url}/health`, options());
    health.end();
    await expect(once(health, "response")).rejects.toThrow();
    expect(edge.ledger.opened).toEqual([]);
  });
});

const refusal = (settings: { tlsCert?: string; tlsKey?: string; tlsClientCa?: string }): string => {
  try {
    readTlsFiles({ tlsCert: undefined, tlsKey: undefined, tlsClientCa: undefined, ...settings });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return error instanceof Error ? error.message : "";
  }
  return "not refused";
};

const file = (name: string, text: string | Buffer) => {
  writeFileSync(certificates.path(name), text);
  return certificates.path(name);
};

describe("a start is refused", () => {
  test("for half a pair, and for an authority without one", () => {
    const { tlsCert, tlsKey } = serverFiles();
    expect(refusal({ tlsCert })).toMatch(/^TLS_CERT needs TLS_KEY\./);
    expect(refusal({ tlsKey })).toMatch(/^TLS_KEY needs TLS_CERT\./);
    expect(refusal({ tlsClientCa: tlsCert })).toMatch(/^TLS_CLIENT_CA needs TLS_CERT and TLS_KEY\./);
  });

  test("for a file that is not there", () => {
    const gone = certificates.path("gone.pem");
    expect(refusal({ ...serverFiles(), tlsCert: gone })).toBe(
      `TLS_CERT: the file ${gone} cannot be read (ENOENT).`,
    );
    expect(refusal({ ...serverFiles(), tlsKey: gone })).toMatch(/^TLS_KEY: .* cannot be read/);
    expect(refusal({ ...serverFiles(), tlsClientCa: certificates.folder })).toMatch(
      /^TLS_CLIENT_CA: .*\(EISDIR\)/,
    );
  });

  test("for a file that holds something else", () => {
    const { tlsCert, tlsKey } = serverFiles();
    const text = file("text.pem", "no certificate");
    const broken = file("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    for (const wrong of [text, broken, tlsKey, file("empty.pem", "")]) {
      expect(refusal({ tlsCert: wrong, tlsKey })).toMatch(
        /^TLS_CERT: .* holds no certificate in PEM form\.$/,
      );
      expect(refusal({ tlsCert, tlsKey, tlsClientCa: wrong })).toMatch(
        /^TLS_CLIENT_CA: .* holds no certificate/,
      );
    }
    for (const wrong of [text, tlsCert]) {
      expect(refusal({ tlsCert, tlsKey: wrong })).toMatch(/^TLS_KEY: .* holds no private key in PEM form/);
    }
  });

  test("for a key of another certificate, and nothing of it is told", () => {
    const { tlsCert } = serverFiles();
    const message = refusal({ tlsCert, tlsKey: certificates.path("client.key") });
    expect(message).toMatch(/^TLS_KEY: the key in .* is not that of the first certificate in/);
    expect(message).not.toContain("BEGIN");
  });

  test("before a port opens", async () => {
    await expect(serveEdge({ ...serverFiles(), tlsKey: certificates.path("client.key") })).rejects.toThrow(
      ConfigurationError,
    );
  });
});

test("draining waits for no connection whose handshake is not done", async () => {
  edge = await serveEdge(serverFiles());
  const sockets = [edge.httpPort, edge.grpcPort].map((port) => connectTcp(port, "127.0.0.1"));
  const closed = sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  // They are with the server when later ones have been answered.
  expect(await chat(edge.url, trusting())).toMatchObject({ object: "chat.completion" });
  const client = new Client(`localhost:${edge.grpcPort}`, credentials.createSsl(certificates.pem("ca.pem")));
  expect((await readStream(openStream(client))).status.code).toBe(status.OK);
  await edge.drain();
  await Promise.all(closed);
  client.close();
});
