import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import type { DemoFault } from "../../src/demo/faults.ts";
import { ask, parse, postAnthropic, postOpenai, readSse } from "./post.ts";

let upstream: DemoUpstream;
beforeEach(async () => {
  upstream = await createDemoUpstream();
});
afterEach(() => upstream.close());

const streamed = ask("one two three", { stream: true });

/** Reads until the connection breaks; gives what came before. */
async function readBroken(
  body: object,
  signal?: AbortSignal,
): Promise<{ status: number; text: string; broke: boolean }> {
  const response = await fetch(`${upstream.url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes, { stream: true });
    return { status: response.status, text, broke: false };
  } catch {
    return { status: response.status, text, broke: true };
  }
}

describe("a status fault", () => {
  test("speaks in each vendor's words, with the wait asked for", async () => {
    upstream.setFault({ kind: "status", status: 429, retryAfterSeconds: 1.5 });
    const openai = await postOpenai(upstream, ask("x"));
    expect(openai.status).toBe(429);
    expect(openai.headers.get("retry-after")).toBe("2");
    expect(openai.headers.get("retry-after-ms")).toBe("1500");
    expect(parse(openai.text)).toMatchObject({ error: { code: "rate_limit_exceeded" } });
    upstream.setFault({ kind: "status", status: 529 });
    const anthropic = await postAnthropic(upstream, ask("x"));
    expect(anthropic.status).toBe(529);
    expect(anthropic.headers.get("x-should-retry")).toBe("true");
    expect(parse(anthropic.text)).toMatchObject({
      error: { type: "overloaded_error", message: "Overloaded" },
    });
  });

  test.each([401, 403, 404, 500, 503, 418])("has a body of the vendor's for %d", async (status) => {
    upstream.setFault({ kind: "status", status });
    for (const send of [postOpenai, postAnthropic]) {
      const reply = await send(upstream, ask("x"));
      expect(reply.status).toBe(status);
      expect(parse(reply.text)).toMatchObject({
        error: { type: expect.any(String), message: expect.any(String) },
      });
    }
  });

  test("can have a body that is not the vendor's", async () => {
    const bodies = ["html", "empty", "truncated", "wrong_type"] as const;
    const seen: Record<string, [string | null, string]> = {};
    for (const body of bodies) {
      upstream.setFault({ kind: "status", status: 502, body });
      const reply = await postOpenai(upstream, ask("x"));
      seen[body] = [reply.headers.get("content-type"), reply.text];
    }
    expect(seen).toEqual({
      html: ["text/html; charset=utf-8", expect.stringContaining("<h1>Bad gateway</h1>")],
      empty: ["application/json", ""],
      truncated: ["application/json", expect.stringMatching(/^\{"error":.*[^}]$/u)],
      wrong_type: ["text/plain; charset=utf-8", expect.stringMatching(/^\{"error":.*\}$/u)],
    });
  });
});

describe("a fault", () => {
  test("strikes as many requests as it should, then no more", async () => {
    upstream.setFault({ kind: "status", status: 503, times: 2 });
    const statuses = [];
    for (let turn = 0; turn < 3; turn += 1) statuses.push((await postOpenai(upstream, ask("x"))).status);
    expect(statuses).toEqual([503, 503, 200]);
  });

  test("ends when it is taken back", async () => {
    upstream.setFault({ kind: "status", status: 503 });
    upstream.setFault(undefined);
    expect((await postOpenai(upstream, ask("x"))).status).toBe(200);
  });

  test("asked for in the prompt counts that prompt alone, and begins anew after it let one through", async () => {
    const statuses = [];
    for (const text of ["a", "b", "a", "a"]) {
      statuses.push((await postOpenai(upstream, ask(`${text} [demo fault=status:503 times=1]`))).status);
    }
    expect(statuses).toEqual([503, 503, 200, 503]);
  });

  test("can be meant for one model", async () => {
    const body = ask("[demo fault=status:503 only=demo-chat]");
    expect((await postOpenai(upstream, body)).status).toBe(503);
    expect((await postOpenai(upstream, { ...body, model: "demo-mini" })).status).toBe(200);
  });

  test("strikes the list of models too", async () => {
    upstream.setFault({ kind: "status", status: 500 });
    expect((await fetch(`${upstream.url}/v1/models`)).status).toBe(500);
  });
});

describe("a connection", () => {
  test("reset before the headers gives no response at all", async () => {
    upstream.setFault({ kind: "reset", at: "before_headers" });
    await expect(postOpenai(upstream, ask("x"))).rejects.toThrow("fetch failed");
    expect(upstream.received).toMatchObject([{ closedEarly: false }]);
  });

  test.each([streamed, ask("x")])("reset after the headers breaks off with nothing read", async (body) => {
    upstream.setFault({ kind: "reset", at: "after_headers" });
    expect(await readBroken(body)).toEqual({ status: 200, text: "", broke: true });
  });

  test("cut in the middle of an event leaves half of it", async () => {
    upstream.setFault({ kind: "cut", afterEvents: 2 });
    const { text, broke } = await readBroken(streamed);
    expect(broke).toBe(true);
    expect(readSse(text).map(({ data }) => typeof data)).toEqual(["object", "object", "string"]);
    expect(upstream.received).toMatchObject([{ closedEarly: false, eventsSent: 2 }]);
  });

  test("cut in a JSON answer leaves half of it", async () => {
    upstream.setFault({ kind: "cut", afterEvents: 0 });
    const { text, broke } = await readBroken(ask("x"));
    expect([broke, typeof parse(text)]).toEqual([true, "string"]);
    expect(text).toMatch(/^\{"id"/u);
  });

  test.each<DemoFault>([
    { kind: "hang", at: "before_headers" },
    { kind: "hang", at: "after_headers" },
    { kind: "hang", at: { afterEvents: 2 } },
  ])("that hangs ($at) stays open until the client leaves", async (fault) => {
    upstream.setFault(fault);
    const leaving = new AbortController();
    const reading = readBroken(streamed, leaving.signal).catch(() => undefined);
    await upstream.waitUntil(({ received }) => received === 1);
    expect(upstream.openRequests).toBe(1);
    leaving.abort();
    await reading;
    await upstream.waitForEarlyClose();
    expect(upstream.openRequests).toBe(0);
    expect(upstream.received).toMatchObject([{ closedEarly: true }]);
  });
});

describe("a stream", () => {
  test("hangs after the events asked for", async () => {
    upstream.setFault({ kind: "hang", at: { afterEvents: 2 } });
    const leaving = new AbortController();
    const response = await fetch(`${upstream.url}/v1/chat/completions`, {
      method: "POST",
      body: JSON.stringify(streamed),
      signal: leaving.signal,
    });
    const reader = response.body?.getReader();
    const chunk = await reader?.read();
    expect(readSse(new TextDecoder().decode(chunk?.value)).map(({ data }) => typeof data)).toEqual([
      "object",
      "object",
    ]);
    leaving.abort();
    await upstream.waitForEarlyClose();
    expect(upstream.received).toMatchObject([{ eventsSent: 2 }]);
  });

  test.each([
    ["openai", postOpenai, "[DONE]"],
    ["anthropic", postAnthropic, "message_stop"],
  ])("ends quietly without its end (%s)", async (_name, send, end) => {
    const whole = await send(upstream, streamed);
    upstream.setFault({ kind: "quiet_end" });
    const { status, text } = await send(upstream, streamed);
    expect(status).toBe(200);
    expect(whole.text).toContain(end);
    expect(text).not.toContain(end);
    expect(text).not.toMatch(/"(?:finish|stop)_reason":"/u);
    expect(text).toContain("three");
  });

  test("holds one line that is no JSON, and goes on", async () => {
    upstream.setFault({ kind: "malformed_line", afterEvents: 2 });
    const kinds = readSse((await postOpenai(upstream, streamed)).text).map(({ data }) => typeof data);
    expect(kinds.indexOf("string")).toBe(2);
    expect(kinds.filter((kind) => kind === "string")).toHaveLength(2);
  });

  test.each([
    ["openai", postOpenai, { event: undefined, data: { error: { type: "server_error" } } }],
    [
      "anthropic",
      postAnthropic,
      { event: "error", data: { type: "error", error: { type: "overloaded_error" } } },
    ],
  ])("fails in its vendor's way (%s)", async (_name, send, error) => {
    upstream.setFault({ kind: "error_event", afterEvents: 3 });
    const events = readSse((await send(upstream, streamed)).text);
    expect(events).toHaveLength(4);
    expect(events.at(-1)).toMatchObject(error);
  });

  test("is struck before its closing event at the latest", async () => {
    upstream.setFault({ kind: "error_event", afterEvents: 1000 });
    const { text } = await postOpenai(upstream, streamed);
    expect(text).not.toContain('"finish_reason":"stop"');
    expect(readSse(text).at(-1)?.data).toHaveProperty("error");
  });
});

describe("a JSON answer", () => {
  test("has the counterparts of a stream's faults", async () => {
    upstream.setFault({ kind: "quiet_end" });
    expect(await postOpenai(upstream, ask("x"))).toMatchObject({ status: 200, text: "" });
    upstream.setFault({ kind: "malformed_line", afterEvents: 0 });
    expect(typeof parse((await postOpenai(upstream, ask("x"))).text)).toBe("string");
    upstream.setFault({ kind: "error_event", afterEvents: 0 });
    expect((await postOpenai(upstream, ask("x"))).status).toBe(500);
  });
});
