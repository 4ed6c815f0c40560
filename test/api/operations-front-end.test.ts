// What operators ask, on a real port.

import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startHttpServer, type ListeningServer } from "../../src/api/http-server.ts";
import { createOperationsFrontEnd } from "../../src/api/operations-front-end.ts";
import { GatewayError } from "../../src/core/errors.ts";
import type { Gateway } from "../../src/core/gateway.ts";
import { gauge } from "../../src/core/metrics/metric-family.ts";
import { systemClock } from "../../src/system-clock.ts";
import { createScriptedProvider, textScript } from "../support/scripted-provider.ts";
import { createTestGateway } from "../support/test-gateway.ts";

let server: ListeningServer;
let gateway: Gateway;
let closed = 0;
let check: () => Promise<void>;

beforeEach(async () => {
  gateway = createTestGateway({ providers: { a: createScriptedProvider(textScript("Hi")) } }).gateway;
  closed = 0;
  check = () => Promise.resolve();
  const process = { families: () => [gauge("process_own", "Own.", 7)], close: () => void (closed += 1) };
  const frontEnds = [createOperationsFrontEnd({ gateway, process, checkMetricsReader: () => check() })];
  server = await startHttpServer({ host: "127.0.0.1", port: 0, frontEnds, clock: systemClock });
});
afterEach(async () => {
  await server.close();
  await gateway.close();
});

/** With exactly these headers: `fetch` would add an `Accept` of its own. */
function get(path: string, headers: Record<string, string> = {}, method = "GET") {
  return new Promise<{ status: number; header: (name: string) => unknown; text: string }>(
    (resolve, reject) => {
      const asked = request({ port: server.port, path, headers, method }, (response) => {
        let text = "";
        response.on("data", (data: Buffer) => (text += data.toString()));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, header: (name) => response.headers[name], text }),
        );
      });
      asked.on("error", reject);
      asked.end();
    },
  );
}

describe("/metrics", () => {
  const json = ["application/json", "*/*", "application/*", "text/html, */*;q=0.1", "text/plain;q=0.5, */*"];

  test.each([undefined, ...json])("is JSON of exactly five fields for %s", async (accept) => {
    await gateway.ask({ user: "Hello" });
    const answer = await get("/metrics", accept === undefined ? {} : { accept });
    expect(answer.status).toBe(200);
    expect(answer.header("content-type")).toBe("application/json");
    expect(answer.header("vary")).toBe("accept");
    expect(JSON.parse(answer.text)).toEqual({
      total_requests: 1,
      cache_hits: 0,
      cache_hit_rate_percent: 0,
      failures: 0,
      providers_active: 1,
    });
  });

  const scrapers = [
    "text/plain",
    "text/plain;version=0.0.4;q=1,*/*;q=0.1",
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
  ];

  test.each(scrapers)("is Prometheus' text for %s", async (accept) => {
    await gateway.ask({ user: "Hello" });
    const answer = await get("/metrics", { accept });
    expect(answer.status).toBe(200);
    expect(answer.header("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(answer.header("vary")).toBe("accept");
    expect(answer.header("cache-control")).toBe("no-store");
    expect(answer.text).toContain('\nsluice_requests_total{operation="chat",status="ok",error_code=""} 1\n');
    expect(answer.text).toMatch(/\nprocess_own 7\n$/);
    expect(Number(answer.header("content-length"))).toBe(Buffer.byteLength(answer.text));
  });

  test.each(["application/openmetrics-text", "image/png", "*/*;q=0"])(
    "is not acceptable for %s, and says what is",
    async (accept) => {
      const answer = await get("/metrics", { accept });
      expect(answer.status).toBe(406);
      expect(answer.header("vary")).toBe("accept");
      expect(JSON.parse(answer.text)).toMatchObject({
        error: { code: "invalid_request", message: expect.stringContaining("text/plain; version=0.0.4") },
      });
    },
  );

  test("tells HEAD the same without the text, and refuses what is no question", async () => {
    const head = await get("/metrics", { accept: "text/plain" }, "HEAD");
    expect(head).toMatchObject({ status: 200, text: "" });
    expect(head.header("content-type")).toContain("version=0.0.4");
    const post = await get("/metrics", {}, "POST");
    expect(post.status).toBe(405);
    expect(post.header("allow")).toBe("GET, HEAD");
  });
});

test("/metrics is for those who may read it, and the others are asked nothing besides", async () => {
  for (const accept of ["application/json", "text/plain"]) {
    for (const method of ["GET", "HEAD"]) {
      check = () => Promise.reject(new GatewayError({ code: "permission_denied", message: "Not yours." }));
      const { status, text, header } = await get("/metrics", { accept }, method);
      expect([status, header("content-type")]).toEqual([403, "application/json"]);
      expect(text === "" ? undefined : JSON.parse(text)).toEqual(
        method === "HEAD"
          ? undefined
          : { error: { code: "permission_denied", message: "Not yours.", request_id: null } },
      );
    }
  }
  for (const path of ["/health", "/ready"]) expect((await get(path)).status).toBe(200);
});

test("/health and /ready are JSON whatever is accepted", async () => {
  expect(await get("/health", { accept: "text/plain" })).toMatchObject({
    status: 200,
    text: '{"status":"ok"}',
  });
  expect(JSON.parse((await get("/ready?x=1")).text)).toEqual({ status: "ready", problems: [] });
});

test("closing the port ends what the process measures", async () => {
  await server.close();
  expect(closed).toBe(1);
  server = await startHttpServer({ host: "127.0.0.1", port: 0, frontEnds: [], clock: systemClock });
});
