/** Plain HTTP to a demo upstream, for tests that look at the wire itself. */
import type { DemoUpstream } from "../../src/demo/demo-upstream.ts";

export interface WireReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface SseEvent {
  readonly event: string | undefined;
  /** The parsed JSON, or the text when it is none. */
  readonly data: unknown;
}

export async function postOpenai(upstream: DemoUpstream, body: unknown): Promise<WireReply> {
  return post(`${upstream.url}/v1/chat/completions`, body, { authorization: "Bearer test" });
}

export async function postAnthropic(upstream: DemoUpstream, body: unknown): Promise<WireReply> {
  return post(`${upstream.url}/v1/messages`, body, {
    "x-api-key": "test",
    "anthropic-version": "2023-06-01",
  });
}

export async function post(url: string, body: unknown, headers: Record<string, string>): Promise<WireReply> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: text,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export function readSse(text: string): SseEvent[] {
  return text
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => {
      const lines = block.split("\n");
      const event = lines.find((line) => line.startsWith("event: "))?.slice(7);
      const data = lines.find((line) => line.startsWith("data: "))?.slice(6) ?? "";
      return { event, data: parse(data) };
    });
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function ask(content: unknown, more: object = {}): object {
  return { model: "demo-chat", max_tokens: 4096, messages: [{ role: "user", content }], ...more };
}
