import { once } from "node:events";
import { createServer } from "node:http";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProviderError } from "../../../../src/core/provider-error.ts";
import { createOpenAiProvider } from "../../../../src/providers/openai/chat/index.ts";
import {
  azureMember,
  compatibleMember,
  groqMember,
  mistralMember,
  openAiMember,
  openRouterMember,
  vllmMember,
} from "../../../../src/providers/openai/chat/members.ts";
import type { FamilyMember } from "../../../../src/providers/openai/chat/family-member.ts";
import { readModelList } from "../../../../src/providers/openai/chat/models.ts";
import { picosOfDollars } from "../../../../src/core/pricing/pico-price.ts";
import { portOf } from "../../upstream/raw-server.ts";

const read = (data: readonly unknown[], member: FamilyMember = openAiMember) =>
  readModelList(JSON.stringify({ object: "list", data }), member);

const servers = (one: object, other: object) => ({
  id: "m",
  architecture: { input_modalities: ["text"], output_modalities: ["text"] },
  providers: [
    { provider: "one", context_length: 8192, supports_tools: true, ...one },
    { provider: "other", context_length: 8192, supports_tools: true, ...other },
  ],
});

describe("a list of models", () => {
  test("gives ids where the vendor tells no more", () => {
    expect(read([{ id: "gpt-5-mini", object: "model", created: 1, owned_by: "system" }])).toEqual([
      { id: "gpt-5-mini" },
    ]);
  });

  test("gives what OpenRouter tells", () => {
    const model = {
      id: "maker/model",
      name: "Maker: Model",
      context_length: 1_000_000,
      architecture: { input_modalities: ["image", "text"], output_modalities: ["text"] },
      pricing: {
        prompt: "0.000003",
        completion: "0.000015",
        input_cache_read: "0.0000003",
        input_cache_write: "0.00000375",
        request: "0",
        internal_reasoning: "0.000015",
        overrides: [{ min_prompt_tokens: 200_000, prompt: "0.000006" }],
      },
      top_provider: { context_length: 200_000, max_completion_tokens: 64_000 },
      supported_parameters: ["reasoning", "tools"],
    };
    expect(read([model], openRouterMember)).toEqual([
      {
        id: "maker/model",
        displayName: "Maker: Model",
        operations: ["chat"],
        contextTokens: 1_000_000,
        maxOutputTokens: 64_000,
        capabilities: { tools: true, vision: true, reasoning: true, jsonSchema: false },
        price: {
          version: "openrouter-list/maker/model",
          inputPicos: 3_000_000n,
          outputPicos: 15_000_000n,
          cacheReadPicos: 300_000n,
          cacheWritePicos: 3_750_000n,
        },
      },
    ]);
  });

  test("gives what Mistral, Groq and vLLM tell", () => {
    const mistral = {
      id: "mistral-small",
      name: "mistral-small",
      max_context_length: 131_072,
      capabilities: { completion_chat: true, function_calling: true, vision: false },
    };
    expect(read([mistral, mistral], mistralMember)).toEqual([
      {
        id: "mistral-small",
        operations: ["chat"],
        contextTokens: 131_072,
        capabilities: { tools: true, vision: false },
      },
    ]);
    const groq = { id: "a", active: true, context_window: 8192, max_completion_tokens: 1024 };
    expect(read([groq, { id: "b", active: false }], groqMember)).toEqual([
      { id: "a", contextTokens: 8192, maxOutputTokens: 1024 },
    ]);
    expect(read([{ id: "a", max_model_len: 4096 }], vllmMember)).toEqual([{ id: "a", contextTokens: 4096 }]);
  });

  test("gives what a router's servers tell alike", () => {
    expect(read([servers({}, {})], compatibleMember)).toEqual([
      { id: "m", operations: ["chat"], contextTokens: 8192, capabilities: { tools: true, vision: false } },
    ]);
    expect(read([servers({}, { context_length: 4096, supports_tools: false })], compatibleMember)).toEqual([
      { id: "m", operations: ["chat"], capabilities: { vision: false } },
    ]);
  });

  test("may stand alone, with prices per million tokens", () => {
    const data = [
      {
        id: "a",
        type: "chat",
        display_name: "A",
        context_length: 8192,
        pricing: { input: 0.18, output: 0.59 },
      },
      { id: "b", type: "embedding", pricing: { hourly: 1, input: 0, output: 0 } },
      { id: "c", type: "image" },
    ];
    expect(readModelList(JSON.stringify(data), compatibleMember)).toEqual([
      {
        id: "a",
        displayName: "A",
        operations: ["chat"],
        contextTokens: 8192,
        price: { version: "openai-compatible-list/a", inputPicos: 180_000n, outputPicos: 590_000n },
      },
      { id: "b", operations: ["embed"] },
      { id: "c", operations: [] },
    ]);
  });

  test.each<[string, object]>([
    ["known only after the call", { prompt: "-1", completion: "-1" }],
    ["with a price a request", { prompt: "0.1", completion: "0.1", request: "0.01" }],
    ["with another price for reasoning", { prompt: "0.1", completion: "0.1", internal_reasoning: "0.2" }],
    ["of words", { prompt: "free", completion: "0" }],
    ["of numbers where text is documented", { prompt: 0.1, completion: 0.1 }],
    ["below zero", { input: -1, output: 2 }],
    ["that is half there", { prompt: "0.1" }],
  ])("gives no price %s", (_, pricing) => {
    expect(read([{ id: "m", pricing }])).toEqual([{ id: "m" }]);
  });

  test("gives a price of nothing as such", () => {
    const pricing = { prompt: "0", completion: "0" };
    expect(read([{ id: "m:free", pricing }])[0]?.price).toMatchObject({ inputPicos: 0n, outputPicos: 0n });
  });

  test("leaves out what is of another type than documented", () => {
    const strange = {
      id: "m",
      name: 7,
      context_length: "8192",
      max_completion_tokens: -1,
      architecture: [],
      capabilities: ["vision"],
      supported_parameters: "tools",
      providers: { a: 1 },
      pricing: "free",
      top_provider: null,
    };
    expect(read([strange, null, 7, "x", [], {}, { id: "" }, { id: 3 }])).toEqual([{ id: "m" }]);
  });

  test("reads any JSON, or says that it is no list", () => {
    const any = fc.oneof(fc.jsonValue(), fc.record({ data: fc.array(fc.jsonValue()) }));
    fc.assert(
      fc.property(any, (value) => {
        try {
          readModelList(JSON.stringify(value), compatibleMember);
        } catch (error) {
          expect(error).toBeInstanceOf(ProviderError);
        }
      }),
    );
    expect(() => readModelList("<html>", openAiMember)).toThrow(ProviderError);
    expect(() => readModelList('{"error":{"message":"no","code":"invalid_api_key"}}', openAiMember)).toThrow(
      expect.objectContaining({ failure: "authentication" }),
    );
  });
});

test.each<[string, bigint | undefined]>([
  ["0.000003", 3_000_000n],
  ["0.00000004125", 41_250n],
  ["1e-6", 1_000_000n],
  ["3E-7", 300_000n],
  ["2", 2_000_000_000_000n],
  ["0.0000000000005", 0n],
  ["0.0000000000015", 2n],
  ["-1", undefined],
  ["", undefined],
  [".", undefined],
  ["1e999", undefined],
  ["0x10", undefined],
])("%s dollars are %s pico-dollars", (dollars, picos) => {
  expect(picosOfDollars(dollars)).toBe(picos);
});

async function list(member: FamilyMember, status: number, body: string) {
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url} ${incoming.headers.authorization}`);
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${portOf(server)}`;
  const provider = createOpenAiProvider({ member, baseUrl, apiKey: "key" });
  try {
    return { asked, models: await provider.listModels?.(new AbortController().signal), error: undefined };
  } catch (error) {
    return { asked, models: undefined, error };
  } finally {
    await provider.close?.();
    server.close();
  }
}

describe("a provider's list of models", () => {
  test("is asked for with the key, where the vendor has it", async () => {
    const { asked, models } = await list(groqMember, 200, '{"data":[{"id":"a"}]}');
    expect(asked).toEqual(["GET /openai/v1/models Bearer key"]);
    expect(models).toEqual([{ id: "a" }]);
  });

  test("fails as chats do", async () => {
    const { error } = await list(openAiMember, 401, '{"error":{"message":"Incorrect API key"}}');
    expect(error).toMatchObject({ failure: "authentication", httpStatus: 401 });
  });

  test("is not asked of Azure, which lists what could be deployed", () => {
    const provider = createOpenAiProvider({
      member: azureMember,
      baseUrl: "http://127.0.0.1:1",
      apiKey: "key",
    });
    expect(provider).not.toHaveProperty("listModels");
  });
});
