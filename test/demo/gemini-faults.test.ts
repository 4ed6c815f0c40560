import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import type { DemoFault } from "../../src/demo/faults.ts";
import {
  ask,
  candidateOf,
  createGeminiClient,
  type GeminiClient,
  readEvents,
  textOf,
} from "./gemini-client.ts";
import { parse } from "./post.ts";

let upstream: DemoUpstream;
let gemini: GeminiClient;
beforeEach(async () => {
  upstream = await createDemoUpstream();
  gemini = createGeminiClient(upstream);
});
afterEach(() => upstream.close());

/** Reads until the connection breaks; gives what came before. */
async function readBroken(): Promise<[text: string, broke: boolean]> {
  const url = gemini.streamUrl;
  const response = await fetch(url, { method: "POST", body: JSON.stringify(ask("one two three")) });
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes, { stream: true });
    return [text, false];
  } catch {
    return [text, true];
  }
}

describe("a fault", () => {
  test.each<[number, string]>([
    [400, "INVALID_ARGUMENT"],
    [401, "UNAUTHENTICATED"],
    [403, "PERMISSION_DENIED"],
    [404, "NOT_FOUND"],
    [429, "RESOURCE_EXHAUSTED"],
    [500, "INTERNAL"],
    [503, "UNAVAILABLE"],
    [504, "DEADLINE_EXCEEDED"],
    [599, "INTERNAL"],
  ])("of status %d is %s", async (status, name) => {
    upstream.setFault({ kind: "status", status });
    const answer = await gemini.generate(ask("x"));
    expect([answer.status, parse(answer.text)]).toEqual([
      status,
      { error: { code: status, message: expect.any(String), status: name } },
    ]);
  });

  test("says in its body, and in no header, how long to wait", async () => {
    const { text, headers } = await gemini.generate(ask("[demo fault=status:429:3]"));
    expect(parse(text)).toMatchObject({
      error: {
        status: "RESOURCE_EXHAUSTED",
        details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "3s" }],
      },
    });
    expect(headers.has("retry-after")).toBe(false);
  });

  test("can have a body that is not the vendor's", async () => {
    upstream.setFault({ kind: "status", status: 502, body: "html" });
    expect((await gemini.generate(ask("x"))).text).toContain("<h1>Bad gateway</h1>");
    upstream.setFault({ kind: "status", status: 502, body: "truncated" });
    expect(typeof parse((await gemini.generate(ask("x"))).text)).toBe("string");
  });

  test("in mid-stream is bare JSON after the events", async () => {
    upstream.setFault({ kind: "error_event", afterEvents: 2 });
    const events = await gemini.stream(ask("one two three"));
    expect(events).toHaveLength(3);
    expect(String(events[2])).toMatch(/^\{\n {2}"error"/u);
    expect(parse(String(events[2]))).toMatchObject({ error: { code: 503, status: "UNAVAILABLE" } });
  });

  test("ends a stream quietly, after all its words", async () => {
    upstream.setFault({ kind: "quiet_end" });
    const events = await gemini.stream(ask("one two three"));
    expect(textOf(events)).toContain("three");
    expect(events.map((event) => candidateOf(event)["finishReason"]).filter(Boolean)).toEqual([]);
  });

  test("puts one event that is no JSON into a stream", async () => {
    upstream.setFault({ kind: "malformed_line", afterEvents: 2 });
    const events = await gemini.stream(ask("one two three"));
    expect(events.map((event) => typeof event).indexOf("string")).toBe(2);
    expect(candidateOf(events.at(-1))["finishReason"]).toBe("STOP");
  });

  test("cuts an event in half", async () => {
    upstream.setFault({ kind: "cut", afterEvents: 2 });
    const [text, broke] = await readBroken();
    expect([broke, readEvents(text).map((event) => typeof event)]).toEqual([
      true,
      ["object", "object", "string"],
    ]);
  });

  test.each<DemoFault>([
    { kind: "reset", at: "after_headers" },
    { kind: "cut", afterEvents: 0 },
  ])("breaks the connection off ($kind)", async (fault) => {
    upstream.setFault(fault);
    expect((await readBroken())[1]).toBe(true);
  });

  test.each<DemoFault>([
    { kind: "hang", at: "before_headers" },
    { kind: "hang", at: { afterEvents: 1 } },
  ])("hangs until the client leaves ($at)", async (fault) => {
    upstream.setFault(fault);
    const leaving = new AbortController();
    const url = gemini.streamUrl;
    const body = JSON.stringify(ask("one two three"));
    const asked = fetch(url, { method: "POST", body, signal: leaving.signal }).then((response) =>
      response.text(),
    );
    const left = expect(asked).rejects.toThrow("abort");
    await upstream.waitUntil(({ received }) => received === 1);
    leaving.abort();
    await left;
    await upstream.waitForEarlyClose();
    expect(upstream.openRequests).toBe(0);
  });

  test("strikes whole answers and the list of models too", async () => {
    upstream.setFault({ kind: "quiet_end" });
    expect(await gemini.generate(ask("x"))).toMatchObject({ status: 200, text: "" });
    upstream.setFault({ kind: "malformed_line", afterEvents: 0 });
    expect(typeof (await gemini.reply(ask("x")))).toBe("string");
    upstream.setFault({ kind: "error_event", afterEvents: 0 });
    expect((await gemini.generate(ask("x"))).status).toBe(500);
    upstream.setFault({ kind: "status", status: 503 });
    expect((await fetch(`${upstream.url}/v1beta/models`)).status).toBe(503);
  });
});
