import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEgressRule } from "../../../src/config/egress.ts";
import { checkedLookup, mayConnectTo } from "../../../src/providers/upstream/checked-address.ts";
import { createUpstream } from "../../../src/providers/upstream/create-upstream.ts";
import { portOf } from "./raw-server.ts";

let server: Server;
let asked = 0;

beforeAll(async () => {
  server = createServer((_, response) => {
    asked += 1;
    response.end("secret");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterAll(() => server.close());

async function ask(url: string, allowed: readonly string[]): Promise<string> {
  const upstream = createUpstream({
    baseUrl: url,
    signer: () => Promise.resolve({}),
    timeouts: { connectMs: 2_000, headersMs: 2_000, idleMs: 2_000 },
    maxAnswerBytes: 1_000,
    allowsAddress: createEgressRule(allowed),
  });
  try {
    const request = { method: "GET", path: "/", headers: {} } as const;
    return await (await upstream.send(request, new AbortController().signal)).text();
  } finally {
    await upstream.close();
  }
}

describe("a connection whose address is checked", () => {
  it.each(["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f000001"])(
    "is not made to %s, and the server is not asked",
    async (host) => {
      const before = asked;
      await expect(ask(`http://${host}:${portOf(server)}`, [])).rejects.toMatchObject({
        failure: "authentication",
        message: expect.stringContaining("EGRESS_NETWORKS"),
      });
      expect(asked).toBe(before);
    },
  );

  it("is not made by TLS either", async () => {
    await expect(ask(`https://localhost:${portOf(server)}`, [])).rejects.toMatchObject({
      failure: "authentication",
    });
  });

  it.each(["127.0.0.1", "localhost"])("is made to %s where its network is allowed", async (host) => {
    expect(await ask(`http://${host}:${portOf(server)}`, ["127.0.0.0/8"])).toBe("secret");
  });

  it("goes to those of a name's addresses that are allowed", async () => {
    const found = await new Promise((resolve, reject) => {
      checkedLookup((address) => address === "127.0.0.1")("localhost", { all: true }, (error, addresses) =>
        error === null ? resolve(addresses) : reject(error),
      );
    });
    expect(found).toEqual([{ address: "127.0.0.1", family: 4 }]);
  });

  it("knows an address that needs no look-up", () => {
    expect(mayConnectTo("[::1]", () => false)).toBe(false);
    expect(mayConnectTo("api.example.com", () => false)).toBe(true);
  });
});
