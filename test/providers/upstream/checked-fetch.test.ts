import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createEgressRule } from "../../../src/config/egress.ts";
import { createCheckedFetch } from "../../../src/providers/upstream/checked-fetch.ts";
import { portOf } from "./raw-server.ts";

let asked = 0;
const server = createServer((request, response) => {
  asked += 1;
  if (request.url === "/away") response.writeHead(302, { location: "http://169.254.169.254/" }).end();
  else response.writeHead(200, { "x-a": "1" }).end("keys");
});
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => server.close());

const request = {
  method: "GET",
  headers: {},
  body: null,
  signal: new AbortController().signal,
  redirect: "manual",
} as const;

it.each(["127.0.0.1", "localhost"])(
  "a connection to %s is made where it is allowed, and only there",
  async (host) => {
    const url = `http://${host}:${portOf(server)}/`;
    const internet = createCheckedFetch(createEgressRule([]));
    const before = asked;
    await expect(internet.fetch(url, request)).rejects.toThrow();
    expect(asked).toBe(before);
    const own = createCheckedFetch(createEgressRule(["127.0.0.0/8"]));
    const { status, headers, body } = await own.fetch(url, request);
    expect([status, new Map(headers).get("x-a")]).toEqual([200, "1"]);
    const chunks = [];
    for await (const chunk of body ?? []) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("keys");
    await Promise.all([internet.close(), own.close()]);
  },
);

it("leads nowhere else", async () => {
  const own = createCheckedFetch(createEgressRule(["127.0.0.0/8"]));
  const { status } = await own.fetch(`http://127.0.0.1:${portOf(server)}/away`, request);
  expect(status).toBe(302);
  await own.close();
});
