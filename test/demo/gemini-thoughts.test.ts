import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { isRecord } from "../../src/demo/json-value.ts";
import {
  answered,
  ask,
  createGeminiClient,
  type GeminiClient,
  partsOf,
  textOf,
  thinkingConfig,
  tools,
} from "./gemini-client.ts";

let upstream: DemoUpstream;
let gemini: GeminiClient;
beforeEach(async () => {
  upstream = await createDemoUpstream();
  gemini = createGeminiClient(upstream);
});
afterEach(() => upstream.close());

/** A conversation whose model said "This is " and then the part. */
function goOn(part: object): object {
  const contents = [
    { role: "user", parts: [{ text: "Think" }] },
    { role: "model", parts: [{ text: "This is " }, part] },
    { role: "user", parts: [{ text: "Go on" }] },
  ];
  return { contents };
}

describe("thoughts", () => {
  const text = "Think [demo tools=2]";
  const generationConfig = { thinkingConfig };

  test("come before the words, and are left out unless they are asked for", async () => {
    const shown = partsOf(await gemini.reply(ask("Think", { generationConfig })));
    expect(shown).toMatchObject([
      { text: expect.stringContaining("Think"), thought: true },
      { text: expect.stringContaining("Think"), thoughtSignature: expect.any(String) },
    ]);
    const hiding = { generationConfig: { thinkingConfig: { thinkingLevel: "HIGH" } } };
    const hidden = await gemini.reply(ask("Think", hiding));
    expect(partsOf(hidden)).toEqual([shown[1]]);
    expect(hidden).toMatchObject({ usageMetadata: { thoughtsTokenCount: 9 } });
    const events = await gemini.stream(ask("Think", { generationConfig }));
    expect(events.flatMap(partsOf).filter((part) => part["thought"] === true)).toHaveLength(9);
    expect(partsOf(events.at(-1))).toEqual([{ text: "", thoughtSignature: shown[1]?.["thoughtSignature"] }]);
    expect((await gemini.stream(ask("Think", hiding))).flatMap(partsOf).some((part) => part["thought"])).toBe(
      false,
    );
    const off = { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } };
    expect(await gemini.reply(ask("Think", off))).not.toHaveProperty("usageMetadata.thoughtsTokenCount");
  });

  test("sign the first of the calls that follow, streamed as whole", async () => {
    const parts = partsOf(await gemini.reply(ask(text, { tools, generationConfig }))).slice(1);
    const signature = { thoughtSignature: expect.any(String) };
    const id = expect.stringMatching(/^\w{8}$/u);
    expect(parts).toEqual([
      { functionCall: { name: "get_weather", args: { city: "demo city" }, id }, ...signature },
      { functionCall: { name: "get_weather", args: { city: "demo city 2" }, id } },
    ]);
    const events = await gemini.stream(ask(text, { tools, generationConfig }));
    const calls = events.flatMap(partsOf).filter((part) => part["functionCall"] !== undefined);
    expect(calls.map((part) => part["thoughtSignature"])).toEqual(
      parts.map((part) => part["thoughtSignature"]),
    );
    expect(events.flatMap(partsOf).at(-1)).toEqual({ text: "" });
  });

  test("have to come back with their signatures, in the current turn", async () => {
    const parts = partsOf(await gemini.reply(ask(text, { tools, generationConfig })));
    const unsigned = parts.map(({ thoughtSignature: _, ...part }) => part);
    const missing = {
      error: {
        code: 400,
        status: "INVALID_ARGUMENT",
        message: expect.stringMatching(
          /^Function call is missing a thought_signature in functionCall parts\..*`default_api:get_weather` , position 2\./u,
        ),
      },
    };
    const thinking = { generationConfig };
    expect(textOf([await gemini.reply(answered(text, parts, thinking))])).toContain("20 degrees");
    expect(await gemini.reply(answered(text, unsigned, thinking))).toMatchObject(missing);

    const steered = "[demo reasoning tools=2]";
    expect(await gemini.reply(answered(steered, unsigned))).toMatchObject(missing);
    expect((await gemini.generate(answered("Think", unsigned))).status).toBe(200);

    const later = answered(text, unsigned, thinking);
    const contents = isRecord(later) && Array.isArray(later["contents"]) ? [...later["contents"]] : [];
    const next = [
      { role: "model", parts: [{ text: "20." }] },
      { role: "user", parts: [{ text: "Go on" }] },
    ];
    expect((await gemini.generate({ ...later, contents: [...contents, ...next] })).status).toBe(200);
  });

  test("are signed for their own call alone", async () => {
    const parts = partsOf(await gemini.reply(ask(text, { tools, generationConfig }))).slice(1);
    const [first = {}, second = {}] = parts;
    const { thoughtSignature } = first;
    const corrupted = { error: { message: "Corrupted thought signature.", status: "INVALID_ARGUMENT" } };
    const thinking = { generationConfig };
    const moved = [{ ...second, thoughtSignature }, first];
    expect(await gemini.reply(answered(text, moved, thinking))).toMatchObject(corrupted);
    expect(
      await gemini.reply(answered(text, [{ ...first, thoughtSignature: "Zm9yZ2Vk" }], thinking)),
    ).toMatchObject(corrupted);
    const foreign = { ...first, thoughtSignature: "skip_thought_signature_validator" };
    expect((await gemini.generate(answered(text, [foreign], thinking))).status).toBe(200);
    const urlSafe = String(thoughtSignature).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    expect(
      (await gemini.generate(answered(text, [{ ...first, thoughtSignature: urlSafe }], thinking))).status,
    ).toBe(200);
  });

  test("are signed whatever the order of the arguments", async () => {
    const properties = { city: { type: "STRING" }, day: { type: "STRING" } };
    const declarations = [{ name: "get_weather", parameters: { type: "OBJECT", properties } }];
    const more = { tools: [{ functionDeclarations: declarations }], generationConfig };
    const asked = "[demo tool=get_weather]";
    const [, part = {}] = partsOf(await gemini.reply(ask(asked, more)));
    const turned = { name: "get_weather", args: { day: "demo day", city: "demo city" } };
    const body = answered(asked, [{ ...part, functionCall: turned }], more);
    expect((await gemini.generate(body)).status).toBe(200);
  });

  test("sign text too, which may come back in other pieces", async () => {
    const [, spoken = {}] = partsOf(await gemini.reply(ask("Think", { generationConfig })));
    expect((await gemini.generate(goOn({ ...spoken, text: "the demo model." }))).status).toBe(200);
    expect((await gemini.generate(goOn({ text: "x", thoughtSignature: "Zm9yZ2Vk" }))).status).toBe(400);
  });
});
