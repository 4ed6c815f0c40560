// Streams that a client may go on with, and the rest of one, by the ids of their events.

import type OpenAI from "openai";
import { afterEach, describe, expect, test } from "vitest";
import { chunksWithIds } from "../../../src/api/openai/resumable-chunks.ts";
import { createChunkMapper } from "../../../src/api/openai/chunk-mapping.ts";
import { readPosition } from "../../../src/api/stream-position.ts";
import type { ChatEvent, ProviderChatEvent } from "../../../src/core/chat/events.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import type { Numbered } from "../../../src/core/reply.ts";
import { continued } from "../../support/seam-events.ts";
import {
  createScriptedProvider,
  type Script,
  type Step,
  textScript,
} from "../../support/scripted-provider.ts";
import type { TestGatewayOptions } from "../../support/test-gateway.ts";
import { type NotedGateway, notedOptions, shortLogs } from "../noted-options.ts";
import { parallelTools, plain, reasoned, refusedWithoutAWord, rich, withLogprobs } from "./scripts.ts";
import { allOf, type OpenAiFace, serveOpenAi } from "./serve-openai.ts";

interface NotedFace extends OpenAiFace {
  readonly gateway: NotedGateway;
}

const faces: OpenAiFace[] = [];
afterEach(async () => {
  for (const face of faces.splice(0)) await face.close();
});

async function serve(script: Script, core?: Partial<TestGatewayOptions>): Promise<NotedFace> {
  let gateway: NotedGateway | undefined;
  const face = await serveOpenAi({
    scripts: [script],
    core,
    wrap: (made) => (gateway = notedOptions(made)),
  });
  faces.push(face);
  if (gateway === undefined) throw new Error("Nothing is served.");
  return { ...face, gateway };
}

const asked = {
  messages: [{ role: "user", content: "Hi" }],
  stream: true,
  stream_options: { include_usage: true },
};
const resumable = { "x-sluice-resumable": "1" };
const withMeta = { "x-sluice-meta": "1" };

const blocksOf = (text: string): readonly string[] => text.split("\n\n").slice(0, -1);
const idOf = (block: string): string | undefined => /^id: (.*)\n/.exec(block)?.[1];
const withoutIds = (text: string): string => text.replaceAll(/^id: .*\n/gm, "");

/** But for what differs from call to call. */
const comparable = (text: string) =>
  text.replaceAll(/"(id|request_id)":"id-\d+"/g, "").replaceAll(/"created":\d+/g, "");

const brokenOff = new ProviderError({ failure: "unavailable", message: "The line broke." });

/** A stream that breaks off after these steps, and what another target makes of it. */
const goneOn = (
  midStream: "continue" | "restart",
  steps: readonly Step[],
  next: Script,
): Partial<TestGatewayOptions> => ({
  providers: {
    acme: createScriptedProvider({ steps: [...steps, brokenOff] }),
    second: createScriptedProvider(next),
  },
  routePolicy: { midStream },
  continuing: ["second"],
});
const toolCall = (id: string, ...deltas: readonly string[]): readonly ProviderChatEvent[] => [
  { type: "started", model: "acme-1-2026" },
  { type: "part_started", index: 0, part: { kind: "tool_call", id, name: "send" } },
  ...deltas.map((text) => ({ type: "part_delta", index: 0, text }) as const),
];

const scripts: readonly (readonly [string, Script, Partial<TestGatewayOptions>])[] = [
  ["text", plain, {}],
  ["reasoning", reasoned, {}],
  ["tool calls", parallelTools, {}],
  ["parts of all kinds", rich, {}],
  ["log probabilities", withLogprobs, {}],
  ["a refusal without a word", refusedWithoutAWord, {}],
  ["a seam that goes on", plain, goneOn("continue", textScript("Hello, ").steps.slice(0, 3), plain)],
  ["a seam that begins again", reasoned, goneOn("restart", reasoned.steps.slice(0, 7), plain)],
  [
    "a seam after a tool call",
    plain,
    goneOn("restart", toolCall("call_old", '{"to":"O'), {
      steps: [
        ...toolCall("call_new", '{"to":', '"Oslo"}'),
        { type: "part_finished", index: 0 },
        { type: "finished", reason: "tool_calls" },
      ],
    }),
  ],
];

describe.each(scripts)("%s", (_, script, core) => {
  test("every event has its id, and behind each of them a client gets exactly the rest", async () => {
    const { post } = await serve(script, core);
    const first = await post(asked, { ...resumable, ...withMeta });
    const callId = first.headers.get("x-sluice-request-id") ?? "";
    const blocks = blocksOf(await first.text());
    expect(blocks.at(-1)).toContain("data: [DONE]");
    const ids = blocks.map(idOf);
    expect(new Set(ids).size).toBe(ids.length);
    const wholeIds = ids.filter((id) => id?.includes(".") === false);
    expect(wholeIds.length).toBeGreaterThan(0);
    for (const [at, id = "none"] of ids.entries()) {
      expect(id).toMatch(/^[\w-]+:\d+(\.\d+)?$/);
      expect(id.startsWith(`${callId}:`)).toBe(true);
      const rest = await post(asked, { ...resumable, ...withMeta, "last-event-id": id });
      expect(rest.status).toBe(200);
      const expected = at === blocks.length - 1 ? blocks.slice(-1) : blocks.slice(at + 1);
      expect(blocksOf(await rest.text())).toEqual(expected);
    }
  });

  test("but for the ids it is the stream that others get", async () => {
    const { post } = await serve(script, core);
    const others = await (await post(asked, withMeta)).text();
    const own = await (await post(asked, { ...resumable, ...withMeta })).text();
    expect(others).not.toContain("id: ");
    expect(comparable(withoutIds(own))).toBe(comparable(others));
  });
});

test("sequences are those of the core's events", () => {
  const events: readonly Numbered<ChatEvent>[] = continued.map((event, sequence) =>
    Object.assign({ sequence }, event),
  );
  const text = chunksWithIds(createChunkMapper({ includeUsage: true, withMeta: true }), "before");
  for (const event of events) {
    const positions = blocksOf(text(event)).map((block) => readPosition(idOf(block)));
    for (const [at, position] of positions.entries()) {
      const told = at === positions.length - 1 ? undefined : at + 1;
      expect(position).toMatchObject({ sequence: event.sequence, told });
    }
  }
});

describe("the core is asked", () => {
  test("for the whole stream again, with nothing of what the request wishes", async () => {
    const { post, gateway, provider } = await serve(plain);
    const headers = { ...resumable, "cache-control": "no-cache", "idempotency-key": "k" };
    const first = await (await post(asked, headers)).text();
    await (await post(asked, { ...headers, "last-event-id": idOf(first) ?? "" })).text();
    const [begun, ...resumed] = gateway.options;
    expect(begun).toMatchObject({
      resumable: true,
      idempotencyKey: "k",
      cacheControl: { mode: "no_cache" },
    });
    for (const options of resumed) {
      expect(options).toMatchObject({
        idempotencyKey: undefined,
        cacheControl: undefined,
        resumable: undefined,
      });
    }
    expect(resumed.length).toBeGreaterThan(0);
    expect(provider.calls).toHaveLength(1);
  });

  test("the official client reads both streams", async () => {
    const { client } = await serve(parallelTools);
    const request: OpenAI.ChatCompletionCreateParamsStreaming = {
      model: "auto",
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
    };
    const first = await client.chat.completions.create(request, { headers: resumable });
    const all = await allOf(first);
    const [{ id } = { id: "" }] = all;
    const headers = { ...resumable, "last-event-id": `${id}:0` };
    expect(await allOf(await client.chat.completions.create(request, { headers }))).toEqual(all);
  });
});

const broken: Script = {
  steps: [...plain.steps.slice(0, 4), brokenOff],
};

test("a stream that broke off breaks off again, at the same place", async () => {
  const { post } = await serve(broken);
  const blocks = blocksOf(await (await post(asked, resumable)).text());
  expect(blocks.at(-1)).toMatch(/^data: \{"error":/);
  const id = idOf(blocks[1] ?? "") ?? "";
  expect(blocksOf(await (await post(asked, { ...resumable, "last-event-id": id })).text())).toEqual(
    blocks.slice(2),
  );
});

const errorOf = async (response: Response) => {
  const json: unknown = await response.json();
  return { status: response.status, json };
};
const told = (code: string, param: string | null = null) => ({
  error: expect.objectContaining({ code, param }),
});

describe("refused", () => {
  test.each(["x", "id-1", "id-1:", "id-1:x", "id-1:-1", `${"a".repeat(100)}:1`])(
    "a Last-Event-ID that is none: %s",
    async (id) => {
      const { post, provider } = await serve(plain);
      expect(await errorOf(await post(asked, { "last-event-id": id }))).toEqual({
        status: 400,
        json: told("invalid_request", "last-event-id"),
      });
      expect(provider.calls).toHaveLength(0);
    },
  );

  test("an answer that is no stream", async () => {
    const { post } = await serve(plain);
    const body = { messages: asked.messages };
    expect(await errorOf(await post(body, { "last-event-id": "id-1:0" }))).toEqual({
      status: 400,
      json: told("invalid_request", "stream"),
    });
  });

  test("a body that was never sent so", async () => {
    const { post } = await serve(plain);
    await (await post(asked, resumable)).text();
    const wrong = { ...asked, temperature: 9 };
    expect(await errorOf(await post(wrong, { "last-event-id": "id-1:0" }))).toEqual({
      status: 400,
      json: told("invalid_request", "temperature"),
    });
  });

  test("a stream that nobody knows, and one that has not come so far", async () => {
    const { post } = await serve(plain);
    const first = await post(asked, resumable);
    await first.text();
    const callId = first.headers.get("x-sluice-request-id");
    expect(await errorOf(await post(asked, { "last-event-id": "another:0" }))).toEqual({
      status: 404,
      json: told("not_found"),
    });
    expect(await errorOf(await post(asked, { "last-event-id": `${callId}:99` }))).toEqual({
      status: 400,
      json: told("invalid_request", "last-event-id"),
    });
  });

  test("what is no longer kept", async () => {
    const { post } = await serve(plain, { runs: shortLogs });
    const first = await post(asked, resumable);
    await first.text();
    const callId = first.headers.get("x-sluice-request-id");
    const gone = await post(asked, { "last-event-id": `${callId}:0` });
    expect(gone.headers.get("x-should-retry")).toBe("false");
    expect(await errorOf(gone)).toEqual({ status: 409, json: told("conflict") });
  });
});
