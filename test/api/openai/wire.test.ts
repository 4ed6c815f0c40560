// The bytes of an answer, as a client without a library sees them.

import { afterEach, describe, expect, test } from "vitest";
import { ProviderError } from "../../../src/core/provider-error.ts";
import {
  parallelTools,
  plain,
  reasoned,
  refusedWithLogprobs,
  rich,
  toolOnly,
  withLogprobs,
} from "./scripts.ts";
import { eventsOf, type FaceOptions, type OpenAiFace, serveOpenAi } from "./serve-openai.ts";

let face: OpenAiFace | undefined;
const serve = async (options: FaceOptions): Promise<OpenAiFace> => (face = await serveOpenAi(options));
afterEach(() => face?.close());

const asked = { messages: [{ role: "user", content: "Hi" }] };
const head =
  '{"id":"id-1","object":"chat.completion.chunk","created":1750000000,"model":"acme-1-2026","choices":[';
const chunk = (delta: string, end = '"finish_reason":null}]}') =>
  `${head}{"index":0,"delta":{${delta}},${end}`;

test("a stream is events of data alone, ended by [DONE]", async () => {
  const { post } = await serve({ scripts: [plain] });
  const response = await post({ ...asked, stream: true });
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(await response.text()).toBe(
    [
      chunk('"role":"assistant","content":"","refusal":null'),
      chunk('"content":"Hello"'),
      chunk('"content":", "'),
      chunk('"content":"world"'),
      chunk("", '"finish_reason":"stop"}]}'),
      "[DONE]",
    ]
      .map((data) => `data: ${data}\n\n`)
      .join(""),
  );
});

test("tool calls: id and name first, then their arguments under their index", async () => {
  const { post } = await serve({ scripts: [parallelTools] });
  const events = eventsOf(await (await post({ ...asked, stream: true })).text());
  expect(events.slice(2, 7)).toEqual([
    chunk(
      '"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"weather","arguments":""}}]',
    ),
    chunk(
      '"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"time","arguments":""}}]',
    ),
    chunk('"tool_calls":[{"index":0,"function":{"arguments":"{\\"city\\":"}}]'),
    chunk('"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]'),
    chunk('"tool_calls":[{"index":0,"function":{"arguments":"\\"Oslo\\"}"}}]'),
  ]);
});

test("without text, content is null", async () => {
  const { post } = await serve({ scripts: [toolOnly] });
  const events = eventsOf(await (await post({ ...asked, stream: true })).text());
  expect(events[0]).toBe(chunk('"role":"assistant","content":null,"refusal":null'));
});

test("reasoning has a field of its own, streamed and whole", async () => {
  const { post } = await serve({ scripts: [reasoned] });
  const events = eventsOf(await (await post({ ...asked, stream: true })).text());
  expect(events[1]).toBe(chunk('"reasoning_content":"Let me "'));
  const whole = await (await post(asked)).json();
  expect(whole.choices[0]).toMatchObject({
    message: { content: "Forty-two.", reasoning_content: "Let me think." },
    finish_reason: "length",
  });
});

test("log probabilities stand beside the delta, and joined in a whole answer", async () => {
  const { post } = await serve({ scripts: [withLogprobs] });
  const events = eventsOf(await (await post({ ...asked, stream: true })).text());
  const [a, b] = [
    { token: "a", logprob: -1 },
    { token: "b", logprob: -2 },
  ];
  expect(events.slice(1, 3).map((data) => JSON.parse(data).choices[0].logprobs)).toEqual([
    { content: [a], refusal: null },
    { content: [b], refusal: null },
  ]);
  const whole = await (await post(asked)).json();
  expect(whole.choices[0].logprobs).toEqual({ content: [a, b], refusal: null });
});

test("log probabilities of a refusal are told as the refusal's", async () => {
  const { post } = await serve({ scripts: [refusedWithLogprobs] });
  const events = eventsOf(await (await post({ ...asked, stream: true })).text());
  const [no, stop] = [
    { token: "No", logprob: -1 },
    { token: ".", logprob: -2 },
  ];
  expect(events.slice(1, 3).map((data) => JSON.parse(data).choices[0].logprobs)).toEqual([
    { content: null, refusal: [no] },
    { content: null, refusal: [stop] },
  ]);
  const whole = await (await post(asked)).json();
  expect(whole.choices[0].logprobs).toEqual({ content: null, refusal: [no, stop] });
});

describe("a stream that breaks off after its usage was counted", () => {
  const broken = new ProviderError({ failure: "broken_reply", message: "ended too soon" });
  const steps = [...plain.steps.slice(0, -1), broken];

  test("tells it before the error where usage was asked for", async () => {
    const { post } = await serve({ scripts: [{ steps }] });
    const response = await post({ ...asked, stream: true, stream_options: { include_usage: true } });
    const events = eventsOf(await response.text()).map((data) => JSON.parse(data));
    expect(events.at(-2)).toMatchObject({ id: "id-1", choices: [], usage: { total_tokens: 20 } });
    expect(events.at(-1)).toMatchObject({ error: { code: "all_providers_failed" } });
    expect(events.slice(0, -2).every(({ usage }) => usage === null)).toBe(true);
  });

  test("does not where it was not", async () => {
    const { post } = await serve({ scripts: [{ steps }] });
    const text = await (await post({ ...asked, stream: true })).text();
    expect(text).not.toContain("usage");
    expect(text).not.toContain("[DONE]");
  });
});

test("sources, images and what has no place in the format", async () => {
  const { post } = await serve({ scripts: [rich] });
  const annotation = {
    type: "url_citation",
    url_citation: { start_index: 0, end_index: 3, url: "https://example.com/a", title: "A" },
  };
  const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
  const sluice = {
    provider: "acme",
    model: "m",
    model_served: "acme-1-2026",
    route: "default",
    attempts: 1,
    cache_status: "bypass",
    cost_nanos: null,
    losses: [{ field: "sampling.topK", detail: "acme has no such setting." }],
    opaque: [
      { kind: "citation", cited_text: "a page of a file", raw: { page: 3 } },
      { kind: "opaque", vendor: "acme", type: "search", json: { q: "x" } },
    ],
  };
  const response = await post({ ...asked, stream: true }, { "x-sluice-meta": "1" });
  const chunks = eventsOf(await response.text())
    .slice(0, -1)
    .map((data) => JSON.parse(data));
  const deltas = chunks.map((each) => each.choices[0].delta);
  expect(deltas).toContainEqual({ annotations: [annotation] });
  expect(deltas).toContainEqual({ images: [image] });
  expect(chunks.at(-1).sluice).toMatchObject(sluice);
  expect(chunks.slice(0, -1).some((each) => "sluice" in each)).toBe(false);

  const whole = await (await post(asked, { "x-sluice-meta": "1" })).json();
  expect(whole.choices[0].message).toMatchObject({
    content: 'See here \u2028 "quoted" \u{1F600}',
    annotations: [annotation],
    images: [image],
  });
  expect(whole.sluice).toMatchObject(sluice);
  expect(await (await post(asked)).json()).not.toHaveProperty("sluice");
});

test("the last chunk with usage carries the meta", async () => {
  const { post } = await serve({ scripts: [plain] });
  const response = await post(
    { ...asked, stream: true, stream_options: { include_usage: true } },
    { "x-sluice-meta": "1" },
  );
  const chunks = eventsOf(await response.text())
    .slice(0, -1)
    .map((data) => JSON.parse(data));
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 20 }, sluice: { attempts: 1 } });
  expect(chunks.at(-2)).not.toHaveProperty("sluice");
});

test("a whole answer tells its length", async () => {
  const { post } = await serve({ scripts: [plain] });
  const response = await post(asked);
  const text = await response.text();
  expect(response.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
  expect(response.headers.get("content-type")).toBe("application/json");
});

test("an unknown path is told what there is; a wrong method, what to send", async () => {
  const { baseUrl } = await serve({ scripts: [plain] });
  const lost = await fetch(`${baseUrl}/audio/speech`, { method: "POST", body: "{}" });
  expect(lost.status).toBe(404);
  expect(await lost.json()).toMatchObject({
    error: {
      code: "not_found",
      type: "not_found_error",
      message: expect.stringContaining("/v1/chat/completions"),
    },
  });
  const wrong = await fetch(`${baseUrl}/chat/completions?x=1`);
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get("allow")).toBe("POST");
  expect(await wrong.json()).toMatchObject({ error: { code: "invalid_request" } });
});
