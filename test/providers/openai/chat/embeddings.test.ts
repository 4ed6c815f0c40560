import { once } from "node:events";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ProviderEmbedded } from "../../../../src/core/embed/events.ts";
import type { EmbedRequest } from "../../../../src/core/embed/request.ts";
import { ProviderError } from "../../../../src/core/provider-error.ts";
import { buildEmbedRequest, readEmbedAnswer } from "../../../../src/providers/openai/chat/embeddings.ts";
import type { EmbedContext } from "../../../../src/providers/openai/chat/embeddings.ts";
import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";
import { createOpenAiProvider } from "../../../../src/providers/openai/chat/index.ts";
import {
  azureMember,
  compatibleMember,
  deepSeekMember,
  groqMember,
  mistralMember,
  openAiMember,
  openRouterMember,
  vllmMember,
} from "../../../../src/providers/openai/chat/members.ts";
import { portOf } from "../../upstream/raw-server.ts";

function contextOf(member: FamilyMember, model = "m"): EmbedContext {
  if (member.embeddings === undefined) throw new Error(`${member.name} has no embeddings`);
  return { model, member, ways: member.embeddings };
}

const sent = (request: EmbedRequest, member: FamilyMember = openAiMember, heldToModel = false) => {
  const { body, losses } = buildEmbedRequest(request, { ...contextOf(member), heldToModel });
  const wire: unknown = JSON.parse(JSON.stringify(body));
  return { body: wire, losses };
};

interface Told {
  readonly data: readonly unknown[];
  readonly inputs?: number;
  readonly member?: FamilyMember;
  readonly model?: string;
  readonly usage?: unknown;
  readonly dimensions?: number;
}

const read = ({ data, inputs = data.length, member = openAiMember, model, usage, dimensions }: Told) =>
  readEmbedAnswer(JSON.stringify({ object: "list", data, model, usage }), {
    request: { inputs: Array.from({ length: inputs }, () => "x"), dimensions },
    context: contextOf(member),
  });

const entry = (embedding: unknown, index?: unknown) => ({ object: "embedding", index, embedding });
const numbersOf = ({ vectors }: ProviderEmbedded) => vectors.map((vector) => [...vector]);

function failureOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error instanceof ProviderError ? error.failure : error;
  }
  return undefined;
}

describe("a request for embeddings", () => {
  test("asks for base64 where the vendor has it", () => {
    const inputs = ["one", "two"];
    const base64 = { model: "m", input: inputs, encoding_format: "base64" };
    expect(sent({ inputs }).body).toEqual(base64);
    expect(sent({ inputs }, azureMember).body).toEqual(base64);
    for (const member of [mistralMember, openRouterMember, vllmMember, compatibleMember]) {
      expect(sent({ inputs }, member).body).toEqual({ model: "m", input: inputs });
    }
  });

  test("names the wished length as the vendor does", () => {
    const request = { inputs: ["x"], dimensions: 256 };
    expect(sent(request).body).toMatchObject({ dimensions: 256 });
    const { body } = sent(request, mistralMember);
    expect(body).toMatchObject({ output_dimension: 256 });
    expect(body).not.toHaveProperty("dimensions");
  });

  test("sends tokens, but not beside texts", () => {
    expect(sent({ inputs: [[1, 2], [3]] }).body).toMatchObject({ input: [[1, 2], [3]] });
    expect(failureOf(() => sent({ inputs: ["x", [1]] }))).toBe("caller_fault");
  });

  test("lists a purpose as a loss", () => {
    expect(sent({ inputs: ["x"], purpose: "query" }).losses).toMatchObject([{ field: "purpose" }]);
  });

  test("takes the vendor's options, and keeps what is its own", () => {
    const { body, losses } = sent({
      inputs: ["x"],
      dimensions: 8,
      providerOptions: {
        openai: { user: "u", encoding_format: "float", dimensions: 4 },
        openai_family: { user: "other", input: ["y"], priority: 1 },
        mistral: { output_dtype: "int8" },
      },
    });
    expect(body).toEqual({
      model: "m",
      input: ["x"],
      encoding_format: "base64",
      dimensions: 8,
      user: "u",
      priority: 1,
    });
    expect(losses.map(({ field }) => field)).toEqual([
      "providerOptions.openai.encoding_format",
      "providerOptions.openai.dimensions",
      "providerOptions.openai_family.user",
      "providerOptions.openai_family.input",
    ]);
    const providerOptions = { mistral: { output_dtype: "int8", encoding_format: "base64", metadata: {} } };
    const plain = sent({ inputs: ["x"], providerOptions }, mistralMember);
    expect(plain.body).toEqual({ model: "m", input: ["x"], metadata: {} });
    expect(plain.losses).toHaveLength(2);
  });
});

test("a request for embeddings names no other model by its options where the caller is held to one", () => {
  const others = { models: ["dear"], preset: "@preset/dear" };
  for (const key of ["openrouter", "openai_family"]) {
    const providerOptions = { [key]: { ...others, user: "u" } };
    expect(sent({ inputs: ["x"], providerOptions }, openRouterMember).body).toMatchObject(others);
    const { body, losses } = sent({ inputs: ["x"], providerOptions }, openRouterMember, true);
    expect(body).toEqual({ model: "m", input: ["x"], user: "u" });
    expect(losses.map(({ field }) => field)).toEqual([
      `providerOptions.${key}.models`,
      `providerOptions.${key}.preset`,
    ]);
  }
});

describe("an answer with embeddings", () => {
  test("is read from numbers and from base64, in the order of the inputs", () => {
    expect(numbersOf(read({ data: [entry([0.5, -1], 1), entry([2, 3], 0)] }))).toEqual([
      [2, 3],
      [0.5, -1],
    ]);
    // 0.5 and -1 as little-endian float32.
    expect(numbersOf(read({ data: [entry("AAAAPwAAgL8=", 0)] }))).toEqual([[0.5, -1]]);
    expect(numbersOf(read({ data: [entry([1]), entry([2])] }))).toEqual([[1], [2]]);
  });

  test("is read as int8 from the models that send it unasked", () => {
    const data = [entry(Buffer.from(Int8Array.of(-128, 127, 0, 5)).toString("base64"), 0)];
    const member = compatibleMember;
    expect(numbersOf(read({ data, member, model: "pplx-embed-v1-4b" }))).toEqual([[-128, 127, 0, 5]]);
    expect(numbersOf(read({ data, member, model: "other" }))).toEqual([[expect.any(Number)]]);
    // Before the answer names its model, the one that was asked for counts.
    const asked = { request: { inputs: ["x"] }, context: contextOf(member, "pplx-embed-v1-0.6b") };
    expect(numbersOf(readEmbedAnswer(JSON.stringify({ data }), asked))).toEqual([[-128, 127, 0, 5]]);
  });

  test("has bytes of any vector read back", () => {
    const floats = fc.float32Array({ minLength: 1, maxLength: 20, noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(floats, { minLength: 1, maxLength: 3 }), (vectors) => {
        const length = Math.min(...vectors.map((vector) => vector.length));
        const same = vectors.map((vector) => vector.slice(0, length));
        const data = same.map((vector, index) => {
          const bytes = Buffer.alloc(4 * length);
          for (const [i, value] of vector.entries()) bytes.writeFloatLE(value, 4 * i);
          return entry(bytes.toString("base64"), index);
        });
        expect(read({ data }).vectors).toEqual(same);
        const numbers = same.map((vector, index) =>
          entry(
            [...vector].map((value) => value + 0),
            index,
          ),
        );
        expect(numbersOf(read({ data: numbers }))).toEqual(
          same.map((vector) => [...vector].map((v) => v + 0)),
        );
      }),
    );
  });

  test.each<[string, Told]>([
    ["too few", { data: [entry([1])], inputs: 2 }],
    ["too many", { data: [entry([1], 0), entry([2], 1)], inputs: 1 }],
    ["none", { data: [], inputs: 1 }],
    ["one twice", { data: [entry([1], 0), entry([2], 0)] }],
    ["an index beyond the inputs", { data: [entry([1], 1)] }],
    ["several lengths", { data: [entry([1]), entry([1, 2])] }],
    ["no numbers", { data: [entry([])] }],
    ["a number as text", { data: [entry([1, "2"])] }],
    ["null", { data: [entry([null])] }],
    ["more than float32 holds", { data: [entry([1e300])] }],
    ["no list", { data: [entry({ 0: 1 })] }],
    ["no entry", { data: [7] }],
    ["half a number", { data: [entry("AAAAPwAA")] }],
    ["what is no base64", { data: [entry("AAAAPwAAgL8~")] }],
    ["no number at all in base64", { data: [entry("AADAfw==")] }],
    ["empty base64", { data: [entry("")] }],
  ])("that holds %s is a broken reply", (_, told) => {
    expect(failureOf(() => read(told))).toBe("broken_reply");
  });

  test.each(["", "null", "[]", "{}", '{"data":{}}', "<html>"])("that is %s is a broken reply", (text) => {
    const asked = { request: { inputs: ["x"] }, context: contextOf(openAiMember) };
    expect(failureOf(() => readEmbedAnswer(text, asked))).toBe("broken_reply");
  });

  test("that is an error all the same is that error", () => {
    const text = '{"error":{"message":"No credits","code":402}}';
    const asked = { request: { inputs: ["x"] }, context: contextOf(openRouterMember) };
    expect(failureOf(() => readEmbedAnswer(text, asked))).toBe("authentication");
  });

  test("of another length than asked for is not passed off as it", () => {
    expect(failureOf(() => read({ data: [entry([1, 2, 3])], dimensions: 2 }))).toBe("caller_fault");
    expect(numbersOf(read({ data: [entry([1, 2])], dimensions: 2 }))).toEqual([[1, 2]]);
  });

  test.each<[unknown, unknown]>([
    [{ prompt_tokens: 8, total_tokens: 8 }, 8],
    [{ total_tokens: 9 }, 9],
    [{ prompt_tokens: 0 }, 0],
    [{ prompt_tokens: -1 }, undefined],
    [{ prompt_tokens: 1.5 }, undefined],
    [{ prompt_tokens: "8" }, undefined],
    [{ prompt_tokens: 1e300 }, undefined],
    [null, undefined],
    [undefined, undefined],
  ])("tells usage %j as %s", (usage, total) => {
    expect(read({ data: [entry([1])], usage }).usage).toEqual(
      total === undefined ? undefined : { input: { total }, output: { total: 0 }, source: "reported" },
    );
  });
});

const json = (status: number, body: string) => (response: ServerResponse) =>
  void response
    .writeHead(status, { "content-type": "application/json", "x-request-id": "req_1", "retry-after": "2" })
    .end(body);

describe("a provider's embeddings", () => {
  interface Asked {
    readonly url: string | undefined;
    readonly authorization: string | undefined;
    readonly body: unknown;
  }

  /** One request against a vendor that answers as told. */
  async function ask(answer: (response: ServerResponse) => void, member: FamilyMember, path = "") {
    const asked: Asked[] = [];
    async function serve(incoming: AsyncIterable<unknown>, about: Omit<Asked, "body">): Promise<void> {
      let body = "";
      for await (const chunk of incoming) body += String(chunk);
      asked.push({ ...about, body: JSON.parse(body) });
    }
    const server = createServer((incoming, response) => {
      const { authorization } = incoming.headers;
      const about = { url: incoming.url, authorization };
      void serve(incoming.setEncoding("utf8"), about).then(() => answer(response));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const baseUrl = `http://127.0.0.1:${portOf(server)}${path}`;
    const provider = createOpenAiProvider({ member, baseUrl, apiKey: "key" });
    try {
      const { signal } = new AbortController();
      const reply = await provider.embed?.({ inputs: ["x"] }, { model: "m", delivery: "unary", signal });
      const events: ProviderEmbedded[] = [];
      for await (const event of reply?.events ?? []) events.push(event);
      return { reply, events, asked: asked[0], error: undefined };
    } catch (error) {
      return { reply: undefined, events: [], asked: asked[0], error };
    } finally {
      await provider.close?.();
      server.close();
    }
  }

  const whole = JSON.stringify({ model: "m-1", data: [entry([1, 2], 0)], usage: { prompt_tokens: 3 } });

  test("are asked for beside the chats, and told with the vendor's id", async () => {
    const { reply, events, asked } = await ask(json(200, whole), openAiMember, "/v1");
    expect(asked).toEqual({
      url: "/v1/embeddings",
      authorization: "Bearer key",
      body: { model: "m", input: ["x"], encoding_format: "base64" },
    });
    expect(reply).toMatchObject({ losses: [], httpStatus: 200, upstreamRequestId: "req_1" });
    expect(events).toEqual([
      {
        type: "embedded",
        model: "m-1",
        vectors: [Float32Array.of(1, 2)],
        usage: { input: { total: 3 }, output: { total: 0 }, source: "reported" },
      },
    ]);
  });

  test("are asked of the deployment at Azure", async () => {
    const { asked } = await ask(json(200, whole), azureMember);
    expect(asked?.url).toMatch(/^\/openai\/deployments\/m\/embeddings\?api-version=/);
  });

  test("fail as chats do", async () => {
    const { error } = await ask(json(429, '{"error":{"message":"slow"}}'), openAiMember);
    expect(error).toMatchObject({ failure: "rate_limited", httpStatus: 429, retryAfterMs: 2000 });
    const broken = await ask(json(200, "{}"), openAiMember);
    expect(broken.error).toMatchObject({ failure: "broken_reply" });
  });

  test("are missing where the vendor has none", () => {
    for (const member of [groqMember, deepSeekMember]) {
      const provider = createOpenAiProvider({ member, baseUrl: "http://127.0.0.1:1", apiKey: "key" });
      expect(provider).not.toHaveProperty("embed");
    }
  });
});
