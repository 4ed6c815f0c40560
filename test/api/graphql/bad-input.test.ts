// What is not a well-formed operation is refused with its code and the field, and no provider hears of it.

import { once } from "node:events";
import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createScriptedProvider,
  type ScriptedProvider,
  textScript,
} from "../../support/scripted-provider.ts";
import {
  chatMutation,
  helloInput,
  readResults,
  type ServedGraphql,
  serveGraphql,
  wholeSubscription,
} from "./serve-graphql.ts";

let provider: ScriptedProvider;
let served: ServedGraphql;

beforeEach(async () => {
  provider = createScriptedProvider(textScript("Hi"));
  served = await serveGraphql({ providers: { a: provider }, maxBodyBytes: 16_384 });
});

afterEach(async () => {
  await served.close();
  expect(provider.calls).toHaveLength(0);
});

const message = (parts: unknown) => ({ messages: [{ role: "USER", parts }] });

const refused: [string, Record<string, unknown>, { field?: string; words: RegExp }][] = [
  ["an unknown field", { ...helloInput, temperatur: 1 }, { words: /unknown field "temperatur"/ }],
  ["an unknown field far down", message([{ text: "x", colour: "red" }]), { words: /colour/ }],
  ["a wrong type", { ...helloInput, maxOutputTokens: "many" }, { words: /maxOutputTokens/ }],
  ["an unknown enum value", { messages: [{ role: "CHIEF", parts: [] }] }, { words: /role.*CHIEF/ }],
  ["a seed that is no whole number", { ...helloInput, sampling: { seed: "1.5" } }, { words: /seed.*whole/s }],
  ["messages left out", { model: "auto" }, { words: /messages/ }],
  ["no messages", { messages: [] }, { field: "messages", words: /at least one/ }],
  ["no parts", message([]), { field: "messages[0].parts", words: /at least one/ }],
  [
    "a part without content",
    message([{ cacheHint: "LONG" }]),
    { field: "messages[0].parts[0]", words: /none/ },
  ],
  [
    "a part with two contents",
    message([{ text: "a" }, { text: "b", reasoning: { text: "c" } }]),
    { field: "messages[0].parts[1]", words: /reasoning and text/ },
  ],
  [
    "an image with data and url",
    message([{ image: { source: { data: "QUJD", url: "https://x.test", mediaType: "image/png" } } }]),
    { field: "messages[0].parts[0].source", words: /both/ },
  ],
  [
    "image data that is no base64",
    message([{ image: { source: { data: "?", mediaType: "image/png" } } }]),
    { field: "messages[0].parts[0].source.data", words: /base64/ },
  ],
  [
    "image data without its type",
    message([{ image: { source: { data: "QUJD" } } }]),
    { field: "messages[0].parts[0].source.mediaType", words: /media type/ },
  ],
  [
    "a tool result inside a tool result",
    {
      messages: [
        {
          role: "TOOL",
          parts: [
            { toolResult: { toolCallId: "1", content: [{ toolResult: { toolCallId: "2", content: [] } }] } },
          ],
        },
      ],
    },
    { field: "messages[0].parts[0].content[0]", words: /text and image/ },
  ],
  ["an unknown model", { ...helloInput, model: "nobody/x" }, { words: /nobody/ }],
  ["labels that are no object", { ...helloInput, labels: ["a"] }, { field: "labels", words: /object/ }],
  ["a label that is no string", { ...helloInput, labels: { n: 1 } }, { field: "labels.n", words: /string/ }],
  [
    "provider options that are no object",
    { ...helloInput, providerOptions: { groq: 1 } },
    { field: "providerOptions.groq", words: /object/ },
  ],
  [
    "tool parameters that are no object",
    { ...helloInput, tools: [{ name: "t", parameters: [] }] },
    { field: "tools[0].parameters", words: /object/ },
  ],
  [
    "two response formats",
    { ...helloInput, responseFormat: { text: {}, json: {} } },
    { field: "responseFormat", words: /text and json/ },
  ],
  [
    "settings for a format that has none",
    { ...helloInput, responseFormat: { json: { strict: true } } },
    { field: "responseFormat.json", words: /no settings/ },
  ],
  [
    "a seed beyond 2^53",
    { ...helloInput, sampling: { seed: "9007199254740993" } },
    { field: "sampling.seed", words: /between/ },
  ],
  [
    "a schema nested too deep",
    {
      ...helloInput,
      tools: [{ name: "t", parameters: JSON.parse(`${'{"a":'.repeat(70)}1${"}".repeat(70)}`) }],
    },
    { field: "tools[0].parameters", words: /deep/ },
  ],
];

describe("a chat's input", () => {
  test.each(refused)(
    "%s is refused by mutation and subscription alike",
    async (_, input, { field, words }) => {
      const { response, result } = await served.post({ query: chatMutation, variables: { input } });
      const streamed = await served.subscribe({ query: wholeSubscription, variables: { input } });
      const [first] = await readResults(streamed);
      for (const { status, error } of [
        { status: response.status, error: result.errors?.[0] },
        { status: streamed.status, error: first?.errors?.[0] },
      ]) {
        expect(status).toBe(400);
        expect(error?.message).toMatch(words);
        expect(error?.extensions).toMatchObject({ code: "invalid_request", http: { status: 400 } });
        if (field !== undefined) expect(error?.extensions.field).toBe(field);
      }
    },
  );
});

describe("a body", () => {
  const bodies: [string, string | Uint8Array, RegExp][] = [
    ["that is malformed JSON", '{"query": ', /valid JSON/],
    ["that is empty", "", /valid JSON/],
    ["that is no object", '"query"', /object/],
    ["that is a batch", '[{"query": "{ models { id } }"}]', /one operation a request/],
    ["with a field that GraphQL does not know", '{"query": "{ models { id } }", "doc": 1}', /doc/],
    ["without a query", "{}", /query/],
    ["whose variables are a list", '{"query": "{ models { id } }", "variables": []}', /variables/],
    [
      "whose operation name is a number",
      '{"query": "{ models { id } }", "operationName": 1}',
      /operationName/,
    ],
    ["with bytes that are not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), /UTF-8/],
    ["whose document is no GraphQL", JSON.stringify({ query: "{ models {" }), /Syntax Error/],
    ["that asks for an unknown field", JSON.stringify({ query: "{ modles { id } }" }), /modles.*models/],
    [
      "that names no operation of several",
      JSON.stringify({ query: "query a {models{id}} query b {models{id}}" }),
      /operationName.*one operation/,
    ],
    [
      "whose document nests beyond all reading",
      JSON.stringify({ query: `{ models(a: ${"[".repeat(4_900)}${"]".repeat(4_900)}) { id } }` }),
      /./,
    ],
  ];

  test.each(bodies)("%s is invalid_request", async (_, body, words) => {
    const { response, result } = await served.post(body);
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(result.errors?.[0]?.message).toMatch(words);
    expect(result.errors?.[0]?.extensions).toMatchObject({ code: "invalid_request", http: { status: 400 } });
    expect(result).not.toHaveProperty("data");
  });

  test("longer than allowed is payload_too_large, whether its length was announced or not", async () => {
    const long = JSON.stringify({ query: `# ${"x".repeat(20_000)}` });
    const { response, result } = await served.post(long);
    expect(response.status).toBe(413);
    expect(result.errors?.[0]?.extensions.code).toBe("payload_too_large");

    const chunked = request(served.url, { method: "POST", headers: { "content-type": "application/json" } });
    chunked.write(long.slice(0, 10_000));
    chunked.end(long.slice(10_000));
    const [answer] = await once(chunked, "response");
    expect(answer.statusCode).toBe(413);
    answer.resume();
  });

  test("whose document has too many tokens is refused", async () => {
    const large = await serveGraphql({ providers: { a: provider } });
    const { response, result } = await large.post({ query: `{ models { ${"id ".repeat(20_000)} } }` });
    await large.close();
    expect(response.status).toBe(400);
    expect(result.errors?.[0]?.message).toMatch(/10000/);
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/graphql",
    "",
  ])("of the type `%s`, which a page may send to any host or is no JSON, is refused", async (type) => {
    const { response, result } = await served.post('{"query":"{ models { id } }"}', { "content-type": type });
    expect(response.status).toBe(415);
    expect(result.errors?.[0]?.extensions).toMatchObject({ code: "invalid_request", field: "content-type" });
  });
});

describe("other methods", () => {
  test.each(["GET", "PUT", "DELETE", "OPTIONS"])("%s is no way to ask", async (method) => {
    const query = encodeURIComponent("{ models { id } }");
    const response = await fetch(`${served.url}?query=${query}`, {
      method,
      headers: { accept: "application/json" },
    });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "invalid_request" } }] });
  });
});

describe("the timeout header", () => {
  test("that is no number is refused", async () => {
    const { response, result } = await served.post(
      { query: chatMutation, variables: { input: helloInput } },
      { "x-sluice-timeout-ms": "soon" },
    );
    expect(response.status).toBe(400);
    expect(result.errors?.[0]?.extensions.field).toBe("x-sluice-timeout-ms");
  });
});
