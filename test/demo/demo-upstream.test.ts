import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { ask, parse, post, postOpenai, readSse } from "./post.ts";

let upstream: DemoUpstream;
beforeEach(async () => {
  upstream = await createDemoUpstream();
});
afterEach(() => upstream.close());

/** Sends a request and gives its response, of which nothing is read. */
function open(to: DemoUpstream, body: object): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(`${to.url}/v1/chat/completions`, { method: "POST" }, resolve);
    sent.on("error", reject);
    sent.end(JSON.stringify(body));
  });
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}

describe("a client that leaves", () => {
  test("ends the tokens' timer of a paced stream", async () => {
    const before = timers();
    const response = await open(upstream, ask("[demo delay=60000]", { stream: true }));
    expect(timers()).toBe(before + 1);
    response.destroy();
    await upstream.waitForEarlyClose();
    await upstream.waitUntil(({ open }) => open === 0);
    expect(timers()).toBe(before);
    await upstream.close();
    expect(upstream.received).toMatchObject([{ closedEarly: true, eventsSent: 1 }]);
  });

  test("without reading is not sent the whole answer", async () => {
    // Every event names the model: 40 MB, more than the buffers between two sockets hold.
    const model = "long-".repeat(400);
    const own = await createDemoUpstream({ models: [model] });
    const body = ask("[demo tokens=20000]", { model, stream: true, max_tokens: 20_000 });
    const response = await open(own, body);
    response.destroy();
    await own.waitForEarlyClose();
    const sent = own.received[0]?.eventsSent;
    await own.close();
    expect(sent).toBeLessThan(10_000);
  });

  test("in the middle of its body leaves no open request", async () => {
    const socket = connect(upstream.port, "127.0.0.1");
    socket.write("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
    await upstream.waitUntil(({ open }) => open === 1);
    socket.destroy();
    await upstream.waitForEarlyClose();
    expect(upstream.counts).toEqual({ received: 0, open: 0, closedEarly: 1 });
  });
});

describe("the upstream", () => {
  test("keeps what it received, the last 256 at most", async () => {
    await post(`${upstream.url}/v1/chat/completions?trace=1`, ask("hello"), { "x-test": "yes" });
    expect(upstream.received).toMatchObject([
      {
        method: "POST",
        path: "/v1/chat/completions",
        headers: { "x-test": "yes" },
        body: { model: "demo-chat", messages: [{ content: "hello" }] },
        closedEarly: false,
      },
    ]);
    for (let turn = 0; turn < 260; turn += 1) await postOpenai(upstream, ask(`turn ${turn}`));
    expect(upstream.received).toHaveLength(256);
    expect(upstream.received.at(-1)?.body).toMatchObject({ messages: [{ content: "turn 259" }] });
  });

  test("keeps the pace asked for, token by token", async () => {
    const paced = await createDemoUpstream({ tokenDelayMs: 1 });
    const response = await fetch(`${paced.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify(ask("[demo tokens=5]", { stream: true })),
    });
    const reads: number[] = [];
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) reads.push(readSse(decoder.decode(bytes)).length);
    await paced.close();
    expect(reads.reduce((sum, events) => sum + events, 0)).toBe(8);
    expect(reads.length).toBeGreaterThan(1);
  });

  test("sends long answers whole when they are read", async () => {
    const { text } = await postOpenai(
      upstream,
      ask("[demo tokens=20000]", { stream: true, max_tokens: 20_000 }),
    );
    expect(readSse(text)).toHaveLength(20_003);
    expect(upstream.received).toMatchObject([{ eventsSent: 20_003 }]);
  });

  test("serves only its models, under their dated names too", async () => {
    const own = await createDemoUpstream({ models: ["tiny"], version: "v2" });
    const statuses = [];
    for (const model of ["tiny", "tiny-v2", "demo-chat"]) {
      statuses.push((await postOpenai(own, ask("x", { model }))).status);
    }
    await own.close();
    expect(statuses).toEqual([200, 200, 404]);
  });

  test("refuses other paths and methods as the vendors do", async () => {
    const lost = await post(`${upstream.url}/v1/completions`, {}, {});
    expect([lost.status, parse(lost.text)]).toMatchObject([
      404,
      { error: { message: "Invalid URL (POST /v1/completions)" } },
    ]);
    expect((await fetch(`${upstream.url}/v1/chat/completions`)).status).toBe(405);
    expect((await fetch(`${upstream.url}/v1/embeddings`)).status).toBe(405);
    const headers = { "anthropic-version": "2023-06-01" };
    expect((await fetch(`${upstream.url}/v1/messages`, { headers })).status).toBe(405);
  });

  test("refuses a body that is too large", async () => {
    const reply = await postOpenai(upstream, ask("x".repeat(33 * 1024 * 1024))).catch(() => undefined);
    // A client that still writes may see the connection close before it sees the answer.
    expect(reply?.status ?? 413).toBe(413);
    expect(upstream.received[0]?.body).toBeUndefined();
  });

  test("says what to do when its port is taken", async () => {
    await expect(createDemoUpstream({ port: upstream.port })).rejects.toThrow(
      /another port; 0 takes a free one/u,
    );
  });

  test("ends what hangs, and who waits, when it is closed", async () => {
    const own = await createDemoUpstream();
    own.setFault({ kind: "hang", at: "before_headers" });
    const hanging = expect(postOpenai(own, ask("x"))).rejects.toThrow("fetch failed");
    await own.waitUntil(({ received }) => received === 1);
    const waiting = expect(own.waitForEarlyClose()).rejects.toThrow("was closed before");
    await own.close();
    await Promise.all([hanging, waiting]);
    expect(own.counts.closedEarly).toBe(0);
  });
});
