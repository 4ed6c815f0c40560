// The health check of the image, as the engine runs it: a program and its exit code.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, expect, it } from "vitest";
import { makeCertificates } from "../api/make-certificates.ts";

const program = join(import.meta.dirname, "..", "..", "src", "cli", "health-check.ts");
const folder = mkdtempSync(join(tmpdir(), "sluice-health-"));
const files = makeCertificates();
const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(files.folder, { recursive: true });
});

async function check(environment: Record<string, string>): Promise<{ code: number; errors: string }> {
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  return { code: Number(code), errors };
}

async function portOf(server: Server): Promise<string> {
  open.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return String(typeof address === "object" && address !== null ? address.port : 0);
}

const healthy: RequestListener = (request, response) => {
  if (request.url === "/health") response.end('{"status":"ok"}');
  else response.writeHead(404).end();
};
const well = { code: 0, errors: "" };
const tls = { TLS_CERT: files.path("server.pem"), TLS_KEY: files.path("server.key") };

it("a gateway that listens on every address is asked on this machine's own", async () => {
  const HTTP_PORT = await portOf(createServer(healthy));
  expect(await check({ HTTP_PORT, HOST: "0.0.0.0" })).toEqual(well);
});

it("the port is found where the gateway finds it; providers, routes and prices do not matter", async () => {
  const port = await portOf(createServer(healthy));
  const file = join(folder, "own.yaml");
  writeFileSync(
    file,
    `httpPort: ${port}\nproviders: { mine: { kind: openai, apiKey: k } }\nroutes: { r: { targets: [{ provider: mine, model: m }] } }\nprices: { mine/m: { input: 1, output: 2 } }\n`,
  );
  expect(await check({ SLUICE_CONFIG: file })).toEqual(well);
});

it("TLS is spoken where the gateway speaks it, whatever name the certificate is for", async () => {
  const own = { cert: files.pem("stranger.pem"), key: files.pem("stranger.key") };
  const HTTP_PORT = await portOf(createTlsServer(own, healthy));
  expect(await check({ HTTP_PORT, ...tls })).toEqual(well);
});

it("a gateway that asks for a client's certificate lives", async () => {
  const own = { cert: files.pem("server.pem"), key: files.pem("server.key"), ca: files.pem("ca.pem") };
  const HTTP_PORT = await portOf(
    createTlsServer({ ...own, requestCert: true, rejectUnauthorized: true }, healthy),
  );
  expect(await check({ HTTP_PORT, ...tls, TLS_CLIENT_CA: files.path("ca.pem") })).toEqual(well);
});

it.each<[string, RequestListener, RegExp]>([
  [
    "that fails",
    (_, response) => void response.writeHead(503).end('{"status":"ok"}'),
    /answered 503, and not as a gateway does/,
  ],
  [
    "that is another program",
    (_, response) => void response.end("hello"),
    /answered 200, and not as a gateway does/,
  ],
  ["that never answers", () => undefined, /did not answer: nothing came in time/],
  [
    "that talks on and on",
    (_, response) => void response.write("x".repeat(5_000)),
    /says more than a gateway would/,
  ],
])("one %s is not healthy", async (_, listener, said) => {
  const HTTP_PORT = await portOf(createServer(listener));
  const { code, errors } = await check({ HTTP_PORT });
  expect(code).toBe(1);
  expect(errors).toMatch(said);
});

it("plain text where TLS is meant, and a configuration that is wrong, are not healthy", async () => {
  const HTTP_PORT = await portOf(createServer(healthy));
  expect((await check({ HTTP_PORT, ...tls })).code).toBe(1);
  expect(await check({ HTTP_PORT: "many" })).toMatchObject({
    code: 1,
    errors: expect.stringContaining("HTTP_PORT"),
  });
});
