// Upstreams behind TLS, as all vendors' are: a server with a certificate of its own authority.

import { once } from "node:events";
import { createSecureServer, type Http2SecureServer } from "node:http2";
import { setImmediate } from "node:timers/promises";
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createUpstream } from "../../../src/providers/upstream/create-upstream.ts";
import type { Upstream } from "../../../src/providers/upstream/upstream.ts";
import { makeCertificates } from "../../api/make-certificates.ts";
import { portOf } from "./raw-server.ts";

const never = new AbortController().signal;
const request = { method: "GET", path: "/", headers: {} } as const;

const longChars = 1_000_000;

let server: Http2SecureServer;
let upstream: Upstream;
const connections: TLSSocket[] = [];
const trusted = getCACertificates();

beforeAll(async () => {
  const { pem } = makeCertificates();
  setDefaultCACertificates([...trusted, pem("ca.pem")]);
  // It would rather speak HTTP/2, as most vendors' do.
  server = createSecureServer({ key: pem("server.key"), cert: pem("server.pem"), allowHTTP1: true });
  server.on("secureConnection", (socket: TLSSocket) => connections.push(socket));
  server.on("request", ({ httpVersion, url }, response) => {
    response.end(url === "/long" ? "x".repeat(longChars) : httpVersion);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  upstream = createUpstream({
    baseUrl: `https://localhost:${portOf(server)}`,
    signer: () => Promise.resolve({}),
    timeouts: { connectMs: 2_000, headersMs: 10_000, idleMs: 10_000 },
    maxAnswerBytes: longChars,
  });
});

afterAll(async () => {
  await upstream.close();
  server.close();
  setDefaultCACertificates(trusted);
});

test("a server that also speaks HTTP/2 is asked in HTTP/1.1, and its connection is kept", async () => {
  for (let call = 0; call < 3; call += 1) {
    const answer = await upstream.send(request, never);
    expect(await answer.text()).toBe("1.1");
    // What undici does at an answer's end comes after what we do.
    await setImmediate();
  }
  expect(connections).toHaveLength(1);
});

test("a long answer comes whole", async () => {
  const answer = await upstream.send({ ...request, path: "/long" }, never);
  expect((await answer.text()).length).toBe(longChars);
});
