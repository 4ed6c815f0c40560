// The check itself, against gateways that run.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen } from "../../support/listen.ts";
import { platform, serveGateway, type ServedGateway } from "../../e2e/served-gateway.ts";

const program = join(import.meta.dirname, "..", "..", "..", "src", "cli", "verify-idempotency.ts");

async function verify(options: readonly string[], apiKey?: string) {
  const env = apiKey === undefined ? {} : { SLUICE_API_KEY: apiKey };
  const child = spawn(process.execPath, [program, ...options], { env, stdio: ["ignore", "pipe", "pipe"] });
  const [out, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { out, errors, code: Number(code) };
}

let served: ServedGateway;
beforeAll(async () => {
  served = await serveGateway({ environment: { SLUICE_API_KEYS: "key-of-the-tenant" }, tokenDelayMs: 1 });
});
afterAll(() => served.close());

/** Hands requests on to a gateway without the header that makes them one call. */
async function startKeylessProxy(gateway: string) {
  const server = createServer((request, response) => {
    const { "idempotency-key": _, ...headers } = request.headers;
    const onward = httpRequest(
      new URL(request.url ?? "/", gateway),
      { method: request.method, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    request.pipe(onward);
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, close: () => server.close() };
}

const at = () => ["--url", served.baseUrl, "--grpc", served.grpcUrl];

const names = [
  "OpenAI JSON",
  "OpenAI SSE",
  "/infer",
  "embeddings",
  "GraphQL mutation",
  "GraphQL subscription",
  "gRPC Chat",
  "gRPC StreamChat",
  "Connect Chat",
  "Connect StreamChat",
  "gRPC-Web Chat",
  "gRPC-Web StreamChat",
];

describe("npm run verify:idempotency", () => {
  it("finds one call behind the duplicates of every front end of a gateway of its own", async () => {
    const { out, errors, code } = await verify(["--json"]);
    expect({ errors, code }).toEqual({ errors: "", code: 0 });
    const report: unknown = JSON.parse(out);
    const costNanos = expect.stringMatching(/^[1-9]\d*$/);
    const one = {
      answered: 100,
      callIds: 1,
      records: 1,
      upstreamCalls: 1,
      laterIsSame: true,
      wrong: [],
      costNanos,
    };
    expect(report).toEqual({
      duplicates: 100,
      frontEnds: names.map((face) => expect.objectContaining({ face, ...one })),
    });
  });

  it("ends with 1 at a gateway to which keys do not come, and says what differs", async () => {
    const keyless = await startKeylessProxy(served.baseUrl);
    const options = ["--url", keyless.url, "--grpc", served.grpcUrl];
    const { out, errors, code } = await verify(options, "key-of-the-tenant");
    keyless.close();
    expect({ errors, code }).toEqual({ errors: "", code: 1 });
    const wrong = out.slice(out.indexOf("Duplicates were not made one call:\n")).split("\n").slice(1, -1);
    const faces = ["OpenAI JSON", "OpenAI SSE", "/infer", "Connect Chat", "gRPC-Web Chat"];
    expect(wrong).toEqual(
      faces.flatMap((face) => [
        `${face}: The answers bear 100 request ids; one call should have answered all.`,
        `${face}: 0 records bear the key; there should be 1.`,
        expect.stringContaining(`${face}: One more duplicate afterwards was given the answer of call `),
      ]),
    );
    expect(out).toMatch(/\nGraphQL mutation +100 of 100 +1 +1 +1 +no price +the same\n/);
  });

  it("calls nobody with a key that may not read records, and says what it needs", async () => {
    const { gateway, upstream } = served;
    const before = upstream.counts.received;
    const made = await gateway.administration.createApiKey(platform, {
      tenantId: "default",
      name: "calls only",
      permissions: ["gateway:use"],
    });
    const secret = typeof made === "object" && "secret" in made ? made.secret : "";
    const { out, errors, code } = await verify(at(), secret);
    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(errors).toMatch(
      /^Idempotency was not verified: The key in SLUICE_API_KEY may not read records \(.*\)\. Give one that has /,
    );
    expect((await verify(at())).errors).toMatch(/The gateway asks for a key.*Set SLUICE_API_KEY\./);
    expect(upstream.counts.received).toBe(before);
  });

  it("does not run against nobody, and says what to do", async () => {
    const { out, errors, code } = await verify(["--url", "http://127.0.0.1:9"]);
    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(errors).toBe(
      "Idempotency was not verified: No gateway answers at 127.0.0.1:9 (ECONNREFUSED). Start one, or leave --url out for one of its own.\n",
    );
  });

  it("tells how it is used", async () => {
    expect((await verify(["--help"])).out).toMatch(/^Usage: /);
    const { errors, code } = await verify(["--fast"]);
    expect(code).toBe(1);
    expect(errors).toMatch(/--fast.*\n\nUsage: /s);
  });
});
