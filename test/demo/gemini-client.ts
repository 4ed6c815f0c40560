/** A client of Gemini's format for tests that look at the wire itself. */
import type { DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { isRecord, type JsonRecord } from "../../src/demo/json-value.ts";
import { parse, post, type WireReply } from "./post.ts";

export interface GeminiClient {
  readonly streamUrl: string;
  generate(body: unknown, model?: string): Promise<WireReply>;
  streamed(body: unknown): Promise<WireReply>;
  /** The JSON of the whole answer. */
  reply(body: unknown): Promise<unknown>;
  /** The JSON of each event. */
  stream(body: unknown): Promise<unknown[]>;
}

export const key = { "x-goog-api-key": "test" };

export function createGeminiClient(upstream: DemoUpstream): GeminiClient {
  const models = `${upstream.url}/v1beta/models`;
  const streamUrl = `${models}/demo-chat:streamGenerateContent?alt=sse`;
  const generate = (body: unknown, model = "demo-chat"): Promise<WireReply> =>
    post(`${models}/${model}:generateContent`, body, key);
  const streamed = (body: unknown): Promise<WireReply> => post(streamUrl, body, key);
  return {
    streamUrl,
    generate,
    streamed,
    reply: async (body) => parse((await generate(body)).text),
    stream: async (body) => readEvents((await streamed(body)).text),
  };
}

export const weather = {
  name: "get_weather",
  parameters: { type: "OBJECT", properties: { city: { type: "STRING" } }, required: ["city"] },
};
export const tools = [{ functionDeclarations: [weather] }];
export const thinkingConfig = { includeThoughts: true, thinkingBudget: 1024 };

export function ask(text: string, more: object = {}): object {
  return { contents: [{ role: "user", parts: [{ text }] }], ...more };
}

/** The JSON of each event; what is no event stays text. */
export function readEvents(text: string): unknown[] {
  const blocks = text.split("\r\n\r\n").filter((block) => block !== "");
  return blocks.map((block) => (block.startsWith("data: ") ? parse(block.slice(6)) : block));
}

export function candidateOf(answer: unknown): JsonRecord {
  const candidates: unknown = isRecord(answer) ? answer["candidates"] : undefined;
  const [first]: unknown[] = Array.isArray(candidates) ? candidates : [];
  return isRecord(first) ? first : {};
}

export function partsOf(answer: unknown): JsonRecord[] {
  const { content } = candidateOf(answer);
  return isRecord(content) && Array.isArray(content["parts"]) ? content["parts"].filter(isRecord) : [];
}

/** The words that were not thoughts. */
export function textOf(answers: readonly unknown[]): string {
  return answers
    .flatMap(partsOf)
    .map(({ thought, text }) => (thought !== true && typeof text === "string" ? text : ""))
    .join("");
}

/** A conversation that goes on after the model's parts with the results of its calls. */
export function answered(text: string, parts: readonly JsonRecord[], more: object = {}): object {
  const results = parts.flatMap(({ functionCall: call }) =>
    isRecord(call) ? [{ functionResponse: { name: call["name"], response: { output: "20 degrees" } } }] : [],
  );
  const contents = [
    { role: "user", parts: [{ text }] },
    { role: "model", parts },
    { role: "user", parts: results },
  ];
  return { contents, tools, ...more };
}
