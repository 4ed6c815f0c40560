import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { isRecord } from "../../src/demo/json-value.ts";
import {
  ask,
  createGeminiClient,
  type GeminiClient,
  key,
  partsOf,
  readEvents,
  thinkingConfig,
} from "./gemini-client.ts";
import { parse } from "./post.ts";
import { hasRecordings, recordedBody, shapeOf } from "./recorded.ts";

let upstream: DemoUpstream;
let gemini: GeminiClient;
beforeEach(async () => {
  upstream = await createDemoUpstream();
  gemini = createGeminiClient(upstream);
});
afterEach(() => upstream.close());

function shapes(events: readonly unknown[]): string[] {
  return [...new Set(events.map((event) => JSON.stringify(shapeOf(event))))].sort();
}

function recordedShape(name: string): unknown {
  return shapeOf(parse(recordedBody(`gemini/${name}`)));
}

function recordedEvents(name: string): unknown[] {
  return readEvents(recordedBody(`gemini/${name}`));
}

function modelShapes(list: unknown): string[] {
  const models: unknown = isRecord(list) ? list["models"] : undefined;
  return Array.isArray(models) ? shapes(models) : [];
}

const low = { thinkingConfig: { thinkingLevel: "LOW" } };

describe.skipIf(!hasRecordings)("Gemini's wire is shaped as recorded", () => {
  test("streams of text", async () => {
    expect(shapes(await gemini.stream(ask("Hi")))).toEqual(
      shapes(recordedEvents("stream-tool-turn2-answer")),
    );
  });

  test("streams of parallel calls after thoughts", async () => {
    const parameters = { type: "OBJECT", properties: { location: { type: "STRING" } } };
    const tools = [{ functionDeclarations: [{ name: "get_weather", parameters }] }];
    const events = await gemini.stream(ask("[demo tools=2]", { tools, generationConfig: low }));
    expect(shapes(events)).toEqual(shapes(recordedEvents("stream-reasoning-parallel-tools")));
  });

  test("streams of thoughts", async () => {
    const events = await gemini.stream(ask("Hi", { generationConfig: { thinkingConfig } }));
    const [thought] = recordedEvents("stream-thinking-function-call-signature");
    expect(shapeOf(partsOf(events[0]))).toEqual(shapeOf(partsOf(thought)));
    const closing = recordedEvents("stream-reasoning-gemini3").at(-1);
    expect(shapeOf(partsOf(events.at(-1)))).toEqual(shapeOf(partsOf(closing)));
  });

  test("whole answers", async () => {
    const short = ask("Hi", { generationConfig: { maxOutputTokens: 5 } });
    expect(shapeOf(await gemini.reply(short))).toEqual(recordedShape("finish-max-tokens"));
    const thinking = ask("Hi", { generationConfig: low });
    expect(shapeOf(await gemini.reply(thinking))).toEqual(recordedShape("response-schema"));
    const cut = ask("Hi", { generationConfig: { ...low, maxOutputTokens: 2 } });
    expect(shapeOf(await gemini.reply(cut))).toEqual(recordedShape("finish-max-tokens-empty-thinking"));
  });

  test("a call after thoughts", async () => {
    const place = { latitude: { type: "STRING" }, longitude: { type: "STRING" } };
    const declaration = { name: "weather", parameters: { type: "OBJECT", properties: place } };
    const tools = [{ functionDeclarations: [declaration] }];
    const asked = ask("[demo tool=weather]", { tools, generationConfig: { thinkingConfig } });
    expect(shapeOf(await gemini.reply(asked))).toEqual(recordedShape("thought-signatures-tool-31-pro"));
  });

  test("a prompt of the cache", async () => {
    const long = ask("Hi", { systemInstruction: { parts: [{ text: "rule ".repeat(80) }] } });
    await gemini.reply(long);
    expect(shapeOf(await gemini.reply(long))).toEqual(recordedShape("thoughts-with-schema-tools-cache"));
  });

  test("errors", async () => {
    const lost = parse((await gemini.generate(ask("x"), "gemini-0")).text);
    expect(shapeOf(lost)).toEqual(recordedShape("error-404-model-typo"));
  });

  test("the list of models", async () => {
    const list: unknown = await (await fetch(`${upstream.url}/v1beta/models`, { headers: key })).json();
    const recorded = modelShapes(parse(recordedBody("gemini/models-list")));
    expect(recorded).toEqual(expect.arrayContaining(modelShapes(list)));
    expect(modelShapes(list)).toHaveLength(2);
  });
});
