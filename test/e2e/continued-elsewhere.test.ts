// A conversation that begins at one vendor, goes on at another and comes back, through the official client: each
// vendor is given its own proofs again, and never those of another.

import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startHttpServer, type ListeningServer } from "../../src/api/http-server.ts";
import { createOpenAiFrontEnd } from "../../src/api/openai/openai-front-end.ts";
import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { configurationOf, createGateway, type RunningGateway } from "../../src/gateway.ts";
import { systemClock } from "../../src/system-clock.ts";

interface Vendor {
  readonly name: string;
  readonly model: string;
  /** Whether its reasoning or its tool calls have proofs, which it wants to see again. */
  readonly proves: boolean;
  /** Whether it takes its own reasoning back. */
  readonly takesItsReasoning: boolean;
}

const vendors = [
  { name: "anthropic", model: "claude-haiku-4-5", proves: true, takesItsReasoning: true },
  { name: "openai", model: "gpt-5-mini", proves: false, takesItsReasoning: false },
  // It proves its calls alone.
  { name: "gemini", model: "gemini-3.8-flash", proves: true, takesItsReasoning: false },
] as const satisfies readonly Vendor[];

type KnownVendor = (typeof vendors)[number];
const upstreams = new Map<string, DemoUpstream>();
let gateway: RunningGateway;
let server: ListeningServer;
let client: OpenAI;

beforeAll(async () => {
  const environment: Record<string, string> = { DATABASE_URL: "sqlite::memory:", LOG_LEVEL: "silent" };
  for (const { name, model } of vendors) {
    const upstream = await createDemoUpstream({ models: [model] });
    upstreams.set(name, upstream);
    const prefix = name.toUpperCase();
    environment[`${prefix}_API_KEY`] = "demo-key";
    environment[`${prefix}_BASE_URL`] = name === "openai" ? `${upstream.url}/v1` : upstream.url;
    environment[`${prefix}_MODEL`] = model;
  }
  gateway = await createGateway(configurationOf(environment));
  const frontEnds = [createOpenAiFrontEnd({ gateway, maxBodyBytes: 1_000_000, clock: systemClock })];
  server = await startHttpServer({ host: "127.0.0.1", port: 0, clock: systemClock, frontEnds });
  client = new OpenAI({
    baseURL: `http://127.0.0.1:${server.port}/v1`,
    apiKey: "any",
    maxRetries: 0,
    defaultHeaders: { "x-sluice-meta": "1" },
  });
});
afterAll(async () => {
  await server.close();
  await gateway.close();
  for (const upstream of upstreams.values()) await upstream.close();
});

const weather = {
  type: "function" as const,
  function: {
    name: "weather",
    description: "The weather in a city.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

const messageSchema = z.looseObject({
  role: z.literal("assistant"),
  content: z.string().nullable(),
  reasoning_content: z.string().optional(),
  reasoning_details: z
    .array(z.looseObject({ signature: z.string().optional(), data: z.string().optional() }))
    .optional(),
  tool_calls: z
    .array(
      z.looseObject({
        id: z.string(),
        extra_content: z.record(z.string(), z.record(z.string(), z.string())).optional(),
      }),
    )
    .optional(),
});
const lossesSchema = z.object({ losses: z.array(z.object({ field: z.string(), detail: z.string() })) });

type Message = z.infer<typeof messageSchema>;

/** All signatures and encrypted forms in an answer. */
const proofsOf = ({ reasoning_details: details = [], tool_calls: calls = [] }: Message): string[] => [
  ...details.flatMap(({ signature, data }) => [signature, data].filter((proof) => proof !== undefined)),
  ...calls.flatMap(({ extra_content: { google, sluice } = {} }) =>
    [google?.["thought_signature"], sluice?.["signature"]].filter((proof) => proof !== undefined),
  ),
];

/** Sends the conversation so far; gives the answer, what was lost, and what the vendor was sent. */
async function ask({ name, model }: KnownVendor, messages: readonly object[], stream: boolean) {
  const body = {
    model: `${name}/${model}`,
    messages: z.array(anyMessage).parse(messages),
    tools: [weather],
  };
  const completion = stream
    ? await client.chat.completions.stream(body).finalChatCompletion()
    : await client.chat.completions.create(body);
  const received = upstreams.get(name)?.received.at(-1);
  return {
    message: messageSchema.parse(completion.choices[0]?.message),
    losses: z.looseObject({ sluice: lossesSchema }).parse(completion).sluice.losses,
    sent: JSON.stringify(received?.body),
  };
}

const anyMessage = z.custom<OpenAI.ChatCompletionMessageParam>((value) => typeof value === "object");

const pairs = vendors.flatMap((first) =>
  vendors
    .filter((other) => other !== first)
    .map((second) => [first.name, second.name, first, second] as const),
);

describe.each(pairs)("begun at %s, continued at %s and back", (_, __, first, second) => {
  test.each([false, true])("streamed: %s", async (stream) => {
    const question = { role: "user", content: "[demo reasoning tool=weather] Rain in Oslo?" };
    const begun = await ask(first, [question], stream);
    const [call] = begun.message.tool_calls ?? [];
    const proofs = proofsOf(begun.message);
    expect(begun.message.reasoning_content ?? begun.message.reasoning_details).toBeDefined();
    expect(proofs.length > 0).toBe(first.proves);

    const result = { role: "tool", tool_call_id: call?.id, content: "It rains." };
    const soFar = [question, begun.message, result];
    const continued = await ask(second, soFar, stream);
    expect(continued.message.content).toContain("It rains.");
    for (const proof of proofs) expect(continued.sent).not.toContain(proof);
    expect(continued.losses).toContainEqual({
      field: "messages[1].parts[0]",
      detail: expect.stringMatching(/left out|Dropped/),
    });

    const next = { role: "user", content: "[demo reasoning] And tomorrow?" };
    const back = await ask(first, [...soFar, continued.message, next], stream);
    expect(back.message.content).toContain("And tomorrow?");
    for (const proof of proofs) expect(back.sent).toContain(proof);
    for (const proof of proofsOf(continued.message)) expect(back.sent).not.toContain(proof);
    const lost = back.losses.map(({ field }) => field);
    expect(lost).toContain("messages[3].parts[0]");
    expect(lost.includes("messages[1].parts[0]")).toBe(!first.takesItsReasoning);
  });
});
