// /metrics of the running gateway, asked as Prometheus asks and judged by Prometheus' own parser.

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { configurationOf, createGateway, type RunningGateway } from "../../src/gateway.ts";
import { type ServedPorts, serve } from "../../src/serve.ts";
import { pythonWith, run } from "../support/python.ts";

const checks = fileURLToPath(new URL("prometheus_python.py", import.meta.url));

/** As Prometheus 3 sends it. */
const scrape =
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;" +
  "version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly { name: string; labels: Record<string, string>; value: string }[];
}

let python: string;
let upstream: DemoUpstream;
let gateway: RunningGateway;
let ports: ServedPorts;

beforeAll(async () => {
  python = await pythonWith("prometheus_client", "0.26.0");
  upstream = await createDemoUpstream();
  const configuration = configurationOf({
    DATABASE_URL: "sqlite::memory:",
    LOG_LEVEL: "silent",
    OPENAI_API_KEY: "demo-key",
    OPENAI_BASE_URL: `${upstream.url}/v1`,
    OPENAI_MODEL: "demo-chat",
    HTTP_PORT: "0",
    GRPC_PORT: "0",
  });
  gateway = await createGateway(configuration);
  ports = await serve(gateway, { ...configuration.settings, httpPort: 0, grpcPort: 0 });
}, 240_000);

afterAll(async () => {
  await ports.close();
  await gateway.close();
  await upstream.close();
});

const post = (body: object) =>
  fetch(`http://127.0.0.1:${ports.httpPort}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).then((response) => response.text());

async function scraped(): Promise<readonly Family[]> {
  const response = await fetch(`http://127.0.0.1:${ports.httpPort}/metrics`, { headers: { accept: scrape } });
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const { code, output } = await run(python, [checks], await response.text());
  expect(code, output).toBe(0);
  return JSON.parse(output);
}

test("Prometheus' parser reads all that the gateway and its process measure", async () => {
  const messages = [{ role: "user", content: "Hello" }];
  await post({ messages });
  await post({ messages, stream: true });
  await post({ messages: [] });
  await scraped();
  const families = new Map((await scraped()).map((family) => [family.name, family]));
  const valueOf = (name: string, labels: Record<string, string> = {}): number => {
    const samples = families.get(name.replace(/_total$|_count$/, ""))?.samples ?? [];
    const found = samples.filter(
      (each) =>
        each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value),
    );
    expect(found, name).toHaveLength(1);
    return Number(found[0]?.value);
  };

  expect(valueOf("sluice_requests_total", { operation: "chat", status: "ok", error_code: "" })).toBe(2);
  expect(valueOf("sluice_requests_unrecorded_total", { error_code: "invalid_request" })).toBe(1);
  expect(valueOf("sluice_request_duration_seconds_count", { operation: "chat" })).toBe(2);
  expect(valueOf("sluice_time_to_first_token_seconds_count", { operation: "chat" })).toBe(1);
  expect(valueOf("sluice_attempts_total", { provider: "openai", status: "ok" })).toBe(2);
  expect(valueOf("sluice_attempt_duration_seconds_count", { provider: "openai" })).toBe(2);
  expect(valueOf("sluice_tokens_total", { provider: "openai", kind: "input" })).toBeGreaterThan(0);
  expect(valueOf("sluice_open_calls")).toBe(0);
  expect(valueOf("sluice_records_waiting")).toBeLessThanOrEqual(2);
  expect(valueOf("sluice_records_refused_total")).toBe(0);
  expect(valueOf("sluice_build_info", { node: process.version })).toBe(1);
  expect(valueOf("process_cpu_seconds_total")).toBeGreaterThan(0);
  expect(valueOf("process_resident_memory_bytes")).toBeGreaterThan(1_000_000);
  expect(valueOf("nodejs_heap_size_used_bytes")).toBeGreaterThan(1_000_000);
  expect(valueOf("nodejs_eventloop_active_seconds_total")).toBeGreaterThan(0);
  expect(families.get("nodejs_eventloop_delay_seconds")?.type).toBe("histogram");

  for (const { type, samples, name, help } of families.values()) {
    expect(["counter", "gauge", "histogram"], name).toContain(type);
    expect(help, name).toMatch(/\.$|1\.$/);
    if (type === "histogram") expectWholeHistogram(samples);
  }
});

/** Buckets rise to the count, and their ends rise to infinity. */
function expectWholeHistogram(samples: Family["samples"]): void {
  const counts = samples.filter(({ name }) => name.endsWith("_count"));
  const buckets = samples.filter(({ name }) => name.endsWith("_bucket"));
  expect(buckets.length % counts.length).toBe(0);
  const each = buckets.length / counts.length;
  for (const [at, { value }] of counts.entries()) {
    const own = buckets.slice(at * each, (at + 1) * each);
    const ends = own.map(({ labels }) => (labels["le"] === "+Inf" ? Infinity : Number(labels["le"])));
    const values = own.map((bucket) => Number(bucket.value));
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(ends.at(-1)).toBe(Infinity);
    expect(values.at(-1)).toBe(Number(value));
  }
}
