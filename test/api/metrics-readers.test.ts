// Who reads `/metrics`, on real ports.

import { request } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { Permission } from "../../src/core/access/permissions.ts";
import { createMetricsReaders } from "../../src/api/metrics-readers.ts";
import type { GatewayError } from "../../src/core/errors.ts";
import { platform, serveGateway, type ServedGateway, type ServedOptions } from "../e2e/served-gateway.ts";

let served: ServedGateway | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});

const token = "a-token-of-the-scraper-32-bytes-long";

async function begin(environment: ServedOptions["environment"] = {}): Promise<ServedGateway> {
  served = await serveGateway({ environment: { METRICS_TOKEN: token, ...environment } });
  return served;
}

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly port?: number | undefined;
}

/** With a `Host` that may be any. */
const ask = ({ ports }: ServedGateway, { headers = {}, method = "GET", port = ports.httpPort }: Asked = {}) =>
  new Promise<{ readonly status: number | undefined; readonly text: string }>((resolve, reject) => {
    const asked = request({ port, path: "/metrics", headers, method }, (response) => {
      let text = "";
      response.on("data", (data: Buffer) => (text += data.toString()));
      response.on("end", () => resolve({ status: response.statusCode, text }));
    });
    asked.on("error", reject);
    asked.end();
  });

const outcomeOf = async (gateway: ServedGateway, asked: Asked = {}): Promise<unknown> => {
  const { status, text } = await ask(gateway, asked);
  if (status === 200 || text === "") return status;
  const { error } = JSON.parse(text);
  return `${status} ${error.code}`;
};

/** As a client elsewhere, before a proxy that is trusted. */
const elsewhere = { "x-forwarded-for": "203.0.113.7" };
const proxied = { TRUST_PROXY: "127.0.0.1" };
const accepts = ["application/json", "text/plain"];

const keyOf = async ({ gateway }: ServedGateway, permissions: readonly Permission[]): Promise<string> =>
  (await gateway.administration.createApiKey(platform, { name: "k", permissions })).secret;

describe("on the gateway's own machine", () => {
  it("anybody reads them without a credential, though calls need one", async () => {
    const gateway = await begin();
    for (const accept of accepts) {
      for (const method of ["GET", "HEAD"]) {
        expect(await outcomeOf(gateway, { method, headers: { accept } })).toBe(200);
      }
    }
    expect(await outcomeOf(gateway, { headers: { authorization: "Bearer nobody's" } })).toBe(200);
    expect(await outcomeOf(gateway, { headers: { host: "localhost:1", origin: "http://localhost:1" } })).toBe(
      200,
    );
  });

  it.each([
    ["a page of another origin", { origin: "https://evil.example" }],
    ["a page whose name was made to lead here", { host: "evil.example", origin: "http://evil.example" }],
    ["whoever names another host", { host: "evil.example" }],
    ["a proxy that nobody trusts", elsewhere],
    ["a proxy that tells no address", { via: "1.1 somewhere" }],
  ])("%s does not", async (_, headers) => {
    const keyed = await begin();
    for (const accept of accepts) {
      expect(await outcomeOf(keyed, { headers: { ...headers, accept } })).toBe("401 unauthenticated");
    }
    await keyed.close();
    const keyless = await begin({ AUTH_REQUIRED: "false" });
    expect(await outcomeOf(keyless, { headers })).toBe("403 permission_denied");
  });

  it("hosts and origins that the operator names may", async () => {
    const gateway = await begin({
      ALLOWED_HOSTS: "metrics.example",
      CORS_ORIGINS: "https://console.example",
    });
    expect(await outcomeOf(gateway, { headers: { host: "metrics.example" } })).toBe(200);
    expect(await outcomeOf(gateway, { headers: { origin: "https://console.example" } })).toBe(200);
  });
});

describe("the machine of a proxy elsewhere", () => {
  it("is not the gateway's own", async () => {
    const { gateway } = await begin();
    const check = createMetricsReaders({
      gateway,
      allowedHosts: [],
      allowedOrigins: [],
      trustsProxy: (address) => address === "10.0.0.1" || address === "127.0.0.1",
    });
    const headers: Readonly<Record<string, string>> = { "x-forwarded-for": "127.0.0.1", host: "localhost" };
    const outcomeAt = (remoteAddress: string) =>
      check({ header: (name) => headers[name], remoteAddress }).catch(({ code }: GatewayError) => code);
    expect(await outcomeAt("10.0.0.1")).toBe("unauthenticated");
    expect(await outcomeAt("127.0.0.1")).toBeUndefined();
    expect(await outcomeAt("::ffff:127.0.0.1")).toBeUndefined();
  });
});

describe("from elsewhere", () => {
  it("they are read with the token, or with a credential that has the permission", async () => {
    const gateway = await begin(proxied);
    const key = await keyOf(gateway, ["metrics:view"]);
    for (const accept of accepts) {
      for (const method of ["GET", "HEAD"]) {
        for (const credential of [token, key]) {
          const headers = { ...elsewhere, accept, authorization: `Bearer ${credential}` };
          expect(await outcomeOf(gateway, { method, headers })).toBe(200);
        }
      }
    }
    expect(await outcomeOf(gateway, { headers: { ...elsewhere, "x-api-key": key } })).toBe(200);
  });

  it("and not without", async () => {
    const gateway = await begin(proxied);
    const key = await keyOf(gateway, ["gateway:use", "usage:view"]);
    const refused = async (headers: Readonly<Record<string, string>>) =>
      outcomeOf(gateway, { headers: { ...elsewhere, ...headers } });
    expect(await refused({})).toBe("401 unauthenticated");
    expect(await refused({ authorization: `Bearer ${token}x` })).toBe("401 unauthenticated");
    expect(await refused({ authorization: `Basic ${token}` })).toBe("401 unauthenticated");
    // It is no key.
    expect(await refused({ "x-api-key": token })).toBe("401 unauthenticated");
    expect(await refused({ authorization: `Bearer ${key}` })).toBe("403 permission_denied");
    expect((await ask(gateway, { headers: elsewhere })).text).toContain("METRICS_TOKEN");
    expect(await outcomeOf(gateway, { headers: elsewhere, method: "HEAD" })).toBe(401);
    // Made up by the client: the proxy adds where it was called from.
    expect(await refused({ "x-forwarded-for": "127.0.0.1, 203.0.113.7" })).toBe("401 unauthenticated");
  });

  it("the token reads nothing else", async () => {
    const { baseUrl } = await begin();
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    expect((await fetch(`${baseUrl}/v1/models`, { headers })).status).toBe(401);
    const body = JSON.stringify({ query: "{ metrics { failures } }" });
    const answer = await fetch(`${baseUrl}/graphql`, { method: "POST", headers, body });
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: "unauthenticated" } }] });
  });

  it("whoever is served without a key may do anything, and so reads them", async () => {
    const gateway = await begin({ ...proxied, AUTH_REQUIRED: "false", KEYLESS_NETWORKS: "203.0.113.0/24" });
    expect(await outcomeOf(gateway, { headers: elsewhere })).toBe(200);
    expect(await outcomeOf(gateway, { headers: { "x-forwarded-for": "198.51.100.1" } })).toBe(
      "403 permission_denied",
    );
  });

  it("they are for a credential on the port of administration, and for the token on both", async () => {
    const gateway = await begin({ ...proxied, ADMIN_PORT: "0" });
    const authorization = `Bearer ${await keyOf(gateway, ["metrics:view"])}`;
    const { httpPort, adminPort } = gateway.ports;
    const outcomes = async (headers: Readonly<Record<string, string>>) => [
      await outcomeOf(gateway, { port: httpPort, headers }),
      await outcomeOf(gateway, { port: adminPort, headers }),
    ];
    expect(await outcomes({ ...elsewhere, authorization })).toEqual(["403 permission_denied", 200]);
    expect(await outcomes({ ...elsewhere, authorization: `Bearer ${token}` })).toEqual([200, 200]);
    expect(await outcomes({})).toEqual([200, 200]);
  });
});

it("JSON, GraphQL and the library tell the same", async () => {
  const { gateway, baseUrl } = await begin();
  await gateway.chat({ messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] });
  await gateway.chat({ model: "openai/nobody", messages: [] }).catch(() => undefined);
  const { secret } = await gateway.administration.createApiKey(platform, {
    name: "k",
    permissions: ["metrics:view"],
  });
  const query = "{ metrics { totalRequests cacheHits cacheHitRatePercent failures providersActive } }";
  const answer = await fetch(`${baseUrl}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": secret },
    body: JSON.stringify({ query }),
  });
  const told = gateway.metrics();
  expect(told).toMatchObject({ total_requests: 1, providers_active: 1 });
  expect(await (await fetch(`${baseUrl}/metrics`)).json()).toEqual(told);
  expect(await answer.json()).toEqual({
    data: {
      metrics: {
        totalRequests: told.total_requests,
        cacheHits: told.cache_hits,
        cacheHitRatePercent: told.cache_hit_rate_percent,
        failures: told.failures,
        providersActive: told.providers_active,
      },
    },
  });
});
