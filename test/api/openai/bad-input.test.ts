// What must never reach a provider, and what its sender is told.

import { request as httpRequest } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { badRequests } from "./bad-requests.ts";
import { plain } from "./scripts.ts";
import { type OpenAiFace, serveOpenAi } from "./serve-openai.ts";

let face: OpenAiFace;
beforeAll(async () => {
  face = await serveOpenAi({ scripts: [plain], maxBodyBytes: 10_000 });
});
afterAll(() => face.close());

describe("is refused naming the field in OpenAI's words", () => {
  test.each(badRequests.map(([field, body]) => [field, JSON.stringify(body).slice(0, 120), body] as const))(
    "%s: %s",
    async (field, _, body) => {
      const response = await face.post(body);
      const { error } = await response.json();
      expect(error).toMatchObject({ type: "invalid_request_error", code: "invalid_request", param: field });
      expect(error.message.startsWith(field), error.message).toBe(true);
      expect(response.status).toBe(400);
      expect(face.provider.calls).toHaveLength(0);
    },
  );
});

test("bytes that are not UTF-8", async () => {
  const response = await fetch(`${face.baseUrl}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: Buffer.from([0x22, 0xff, 0x22]),
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param: "body" } });
});

test.each([
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/json; charset=latin1",
  "",
  undefined,
])("the content type %s, which a web page may send unasked", async (type) => {
  const status = await postRaw({ type, body: '{"messages":[{"role":"user","content":"a"}]}' });
  expect(status).toMatchObject({ status: 400, body: expect.stringContaining('"param":"content-type"') });
  expect(face.provider.calls).toHaveLength(0);
});

test("a body over the limit, without reading it whole", async () => {
  const announced = await postRaw({ type: "application/json", body: "{", length: 50_000_000 });
  expect(announced).toMatchObject({ status: 413, connection: "close" });
  const grown = await face.post("x".repeat(10_001));
  expect(grown.status).toBe(413);
  expect(await grown.json()).toMatchObject({ error: { code: "payload_too_large" } });
  expect(face.provider.calls).toHaveLength(0);
});

function postRaw(sent: { type: string | undefined; body: string; length?: number }) {
  const headers: Record<string, string | number> = { "content-length": sent.length ?? sent.body.length };
  if (sent.type !== undefined) headers["content-type"] = sent.type;
  return new Promise<{ status: number | undefined; connection: string | undefined; body: string }>(
    (resolve, reject) => {
      const request = httpRequest(
        `${face.baseUrl}/chat/completions`,
        { method: "POST", headers },
        (response) => {
          let body = "";
          response.setEncoding("utf8");
          response.on("data", (text: string) => (body += text));
          response.on("end", () =>
            resolve({ status: response.statusCode, connection: response.headers.connection, body }),
          );
        },
      );
      request.on("error", reject);
      request.write(sent.body);
      if (sent.length === undefined) request.end();
    },
  );
}

describe("whatever JSON is sent", () => {
  test("as the body: it is answered, or refused with a field", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (body) => {
        const response = await face.post(JSON.stringify(body));
        expect(response.status).toBe(400);
        expect((await response.json()).error.param).not.toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  test("in place of any member of a full request", async () => {
    const paths = pathsOf(full);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue(), async (path, value) => {
        const response = await face.post(JSON.stringify(replaced(full, path, value)));
        const answer = await response.json();
        expect([200, 400]).toContain(response.status);
        if (response.status === 400) expect(answer.error.param).not.toBeNull();
      }),
      { numRuns: 400 },
    );
  });
});

const full = {
  model: "default",
  messages: [
    { role: "developer", content: "Be brief." },
    {
      role: "user",
      name: "ann",
      content: [
        { type: "text", text: "a", cache_control: { type: "ephemeral" } },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } },
        { type: "file", file: { file_data: "data:application/pdf;base64,AAAA", filename: "a.pdf" } },
      ],
    },
    {
      role: "assistant",
      content: "",
      reasoning_content: "r",
      reasoning_details: [
        { type: "reasoning.text", text: "r", signature: "s", format: "anthropic-claude-v1", index: 0 },
        { type: "reasoning.encrypted", data: "e", id: "i", format: null, index: 1 },
      ],
      refusal: null,
      tool_calls: [
        {
          id: "c",
          type: "function",
          index: 0,
          function: { name: "f", arguments: "{}" },
          extra_content: { google: { thought_signature: "t" } },
        },
      ],
    },
    { role: "tool", tool_call_id: "c", content: [{ type: "text", text: "b" }] },
  ],
  tools: [
    {
      type: "function",
      function: { name: "f", description: "d", parameters: { type: "object" }, strict: true },
    },
  ],
  tool_choice: { type: "function", function: { name: "f" } },
  response_format: {
    type: "json_schema",
    json_schema: { name: "s", schema: { type: "object" }, strict: true },
  },
  temperature: 1,
  top_p: 1,
  top_k: 5,
  seed: 1,
  max_tokens: 5,
  stop: ["a"],
  reasoning_effort: "low",
  metadata: { a: "b" },
  logit_bias: { "1": 2 },
};

type Path = readonly string[];

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [];
  const paths: Path[] = [];
  for (const [key, member] of Object.entries(value)) {
    const path = at.concat(key);
    paths.push(path, ...pathsOf(member, path));
  }
  return paths;
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((each, i) => (String(i) === key ? replaced(each, rest, by) : each));
  const entries = Object.entries(value ?? {});
  return Object.fromEntries(
    entries.map(([name, each]) => [name, name === key ? replaced(each, rest, by) : each]),
  );
}
