// Every front end tells what is left, with the first of its answer, and when to come again.

import { afterEach, describe, expect, it } from "vitest";
import { type ServedPorts, serve } from "../../../src/serve.ts";
import { createScriptedProvider, textScript } from "../../support/scripted-provider.ts";
import { createTestGateway, type TestGatewayOptions } from "../../support/test-gateway.ts";
import { maxBodyBytes } from "../parity/serve-all.ts";
import { faces } from "./faces.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function serveLimited(limits: TestGatewayOptions["limits"]): Promise<ServedPorts> {
  const providers = { first: createScriptedProvider(textScript("Good morning")) };
  const { gateway } = createTestGateway({ providers, limits: { ...limits } });
  const settings = { host: "127.0.0.1", httpPort: 0, grpcPort: 0, maxBodyBytes };
  const ports = await serve(gateway, { ...settings, corsOrigins: ["https://app.example"] });
  ends.push(async () => {
    await ports.close();
    await gateway.close();
  });
  return ports;
}

const told = [
  "ratelimit",
  "ratelimit-policy",
  "x-ratelimit-limit-requests",
  "x-ratelimit-limit-tokens",
  "x-ratelimit-remaining-requests",
  "x-ratelimit-remaining-tokens",
  "x-ratelimit-reset-requests",
  "x-ratelimit-reset-tokens",
  "retry-after",
] as const;

describe.each(faces)("$name", ({ ask, refused }) => {
  const readAll = async (ports: ServedPorts) => {
    const { status, header } = await ask(ports);
    return { status, headers: told.map((name) => header(name)) };
  };

  it("tells what is left of requests and tokens", async () => {
    const ports = await serveLimited({ requestsPerMinute: 10, tokensPerMinute: 5_000 });
    const { status, headers } = await readAll(ports);
    expect([0, 200]).toContain(status);
    expect(headers).toEqual([
      // 1,024 for the answer and two for what is asked, of which six are right soon.
      '"requests";r=9;t=6, "tokens";r=3974;t=13',
      '"requests";q=10;w=60, "tokens";q=5000;w=60;qu="tokens"',
      "10",
      "5000",
      "9",
      "3974",
      "6s",
      "12.4s",
      undefined,
    ]);
  });

  it("tells when to come again where requests are used up", async () => {
    const ports = await serveLimited({ requestsPerMinute: 1 });
    await ask(ports);
    const { status, headers } = await readAll(ports);
    expect(status).toBe(refused);
    expect(headers).toEqual([
      '"requests";r=0;t=60',
      '"requests";q=1;w=60',
      "1",
      undefined,
      "0",
      undefined,
      "1m0s",
      undefined,
      "60",
    ]);
  });

  it("tells when to come again where tokens are", async () => {
    const ports = await serveLimited({ tokensPerMinute: 6, requestsPerMinute: 100 });
    await ask(ports);
    const { status, headers } = await readAll(ports);
    expect(status).toBe(refused);
    expect(headers).toEqual([
      // What the scripted provider says of the first: five and two, which is one more than there were.
      '"requests";r=98;t=2, "tokens";r=0;t=70',
      '"requests";q=100;w=60, "tokens";q=6;w=60;qu="tokens"',
      "100",
      "6",
      "98",
      "0",
      "1.2s",
      "1m10s",
      "70",
    ]);
  });

  it("tells nothing of limits where there are none", async () => {
    const { status, headers } = await readAll(await serveLimited({}));
    expect([0, 200]).toContain(status);
    expect(headers).toEqual(told.map(() => undefined));
  });
});

it("lets web pages read it", async () => {
  const { httpPort } = await serveLimited({ requestsPerMinute: 10 });
  const response = await fetch(`http://127.0.0.1:${httpPort}/v1/models`, {
    headers: { origin: "https://app.example" },
  });
  const exposed = response.headers.get("access-control-expose-headers")?.split(", ");
  expect(exposed).toEqual(expect.arrayContaining([...told]));
});
