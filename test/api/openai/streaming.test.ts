// Slow upstreams, slow readers and readers that leave.

import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { ProviderChatEvent } from "../../../src/core/chat/events.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { plain } from "./scripts.ts";
import { eventsOf, type OpenAiFace, serveOpenAi, until } from "./serve-openai.ts";

let face: OpenAiFace | undefined;
afterEach(() => face?.close());

const asked = { messages: [{ role: "user", content: "Hi" }], stream: true };
const heartbeat = ": heartbeat\n\n";

/** Reads a stream's text as far as it is asked to. */
function readerOf(response: Response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return async (enough: (text: string) => boolean): Promise<string> => {
    while (!enough(text)) {
      const result = await reader?.read();
      if (result === undefined || result.done) break;
      text += result.value;
    }
    return text;
  };
}

/** Until the socket is full and a thousand turns of the loop brought no further event. */
async function standsStill({ provider, responses }: OpenAiFace): Promise<void> {
  for (let still = 0, seen = -1; still < 1_000; still += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (provider.yielded !== seen || responses[0]?.writableNeedDrain !== true) still = 0;
    seen = provider.yielded;
  }
}

describe("a stream that is silent", () => {
  test("gets its headers and heartbeats before the commit, and then its answer", async () => {
    const answer = Promise.withResolvers<void>();
    face = await serveOpenAi({ scripts: [{ steps: [answer.promise, ...plain.steps] }] });
    const { clock, provider } = face;
    const posted = face.post(asked, { "x-request-id": "mine" });
    await until(() => provider.calls.length === 1);
    clock.advance(15_000);
    const response = await posted;
    expect(response.status).toBe(200);
    expect(response.headers.get("x-request-id")).toBe("mine");
    const read = readerOf(response);
    expect(await read((text) => text.includes(heartbeat))).toBe(heartbeat);
    clock.advance(15_000);
    await read((text) => text.includes(heartbeat.repeat(2)));
    answer.resolve();
    const text = await read(() => false);
    expect(text.startsWith(heartbeat.repeat(2))).toBe(true);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });

  test("gets heartbeats between events, counted from the last one", async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const [started, part, hello, comma, ...rest] = plain.steps;
    if (started === undefined || part === undefined || hello === undefined || comma === undefined) return;
    const steps = [started, part, hello, first.promise, comma, second.promise, ...rest];
    face = await serveOpenAi({ scripts: [{ steps }] });
    const read = readerOf(await face.post(asked));
    await read((text) => text.includes("Hello"));
    face.clock.advance(10_000);
    first.resolve();
    await read((text) => text.includes('", "'));
    face.clock.advance(14_999);
    expect(face.responses[0]?.writableLength).toBe(0);
    face.clock.advance(1);
    const text = await read((text) => text.includes("heartbeat"));
    expect(text.indexOf(heartbeat)).toBeGreaterThan(text.indexOf('", "'));
    expect(text.split(heartbeat)).toHaveLength(2);
    second.resolve();
    await read(() => false);
    expect(face.clock.pendingTimers).toBe(0);
  });

  test("tells a failure that comes after the heartbeat in the stream", async () => {
    const answer = Promise.withResolvers<void>();
    const down = new ProviderError({ failure: "unavailable", message: "is down" });
    face = await serveOpenAi({ scripts: [{ steps: [answer.promise, down] }] });
    const { clock, provider } = face;
    const posted = face.post(asked);
    await until(() => provider.calls.length === 1);
    clock.advance(15_000);
    const response = await posted;
    answer.resolve();
    const text = await response.text();
    expect(JSON.parse(eventsOf(text)[0] ?? "")).toMatchObject({ error: { code: "all_providers_failed" } });
    expect(text).not.toContain("[DONE]");
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("a caller that leaves", () => {
  test.each([true, false])(
    "before the answer ends the call at its provider (streamed: %s)",
    async (stream) => {
      face = await serveOpenAi({ scripts: [{ steps: ["hang"] }] });
      const { provider, baseUrl, ledger, clock } = face;
      const leaving = new AbortController();
      const posted = fetch(`${baseUrl}/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...asked, stream }),
        signal: leaving.signal,
      });
      await until(() => provider.calls.length === 1);
      leaving.abort();
      await expect(posted).rejects.toThrow();
      await until(() => provider.ended === 1);
      expect(provider.calls[0]?.context.signal.aborted).toBe(true);
      await until(() => ledger.settled.length === 1 && clock.pendingTimers === 0);
      expect(ledger.settled[0]?.status).toBe("cancelled");
    },
  );
});

describe("a reader that stalls", () => {
  const events = 20_000;
  const flood: ProviderChatEvent[] = [
    { type: "started" },
    { type: "part_started", index: 0, part: { kind: "text" } },
    ...Array.from({ length: events }, (): ProviderChatEvent => ({
      type: "part_delta",
      index: 0,
      text: "x".repeat(4_000),
    })),
    { type: "finished", reason: "stop" },
  ];

  async function stall() {
    const served = await serveOpenAi({ scripts: [{ steps: flood }] });
    face = served;
    const { port } = new URL(served.baseUrl);
    const body = JSON.stringify(asked);
    const socket = connect(Number(port), "127.0.0.1");
    socket.pause();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
    await standsStill(served);
    return { ...served, socket };
  }

  test("holds few events, and gets them all when it reads on", async () => {
    const { provider, socket, clock } = await stall();
    expect(provider.yielded).toBeLessThan(events / 4);
    let bytes = 0;
    let end = "";
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      end = (end + chunk.toString("latin1")).slice(-100);
    });
    socket.resume();
    await new Promise((resolve) => socket.on("close", resolve));
    expect(bytes).toBeGreaterThan(events * 4_000);
    expect(end).toContain("[DONE]");
    expect(clock.pendingTimers).toBe(0);
  });

  test("ends the call when it leaves", async () => {
    const { provider, socket, clock } = await stall();
    socket.destroy();
    await until(() => provider.ended === 1 && clock.pendingTimers === 0);
    expect(provider.yielded).toBeLessThan(events / 4);
  });

  test("is cut off when the call's time is over", async () => {
    const { provider, clock, responses } = await stall();
    clock.advance(600_000);
    await until(() => responses[0]?.closed === true && provider.ended === 1 && clock.pendingTimers === 0);
    expect(responses[0]?.writableFinished).toBe(false);
  });
});
