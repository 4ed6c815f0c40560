// Streams that go over to another target, as OpenAI's own client and a plain one see them.

import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { ChatEvent } from "../../../src/core/chat/events.ts";
import {
  continued,
  restarted,
  restartedCall,
  restartedRefusal,
  streaming,
} from "../../support/seam-events.ts";
import { allOf, eventsOf, type OpenAiFace, serveOpenAi } from "./serve-openai.ts";

const faces: OpenAiFace[] = [];
async function serve(events: readonly ChatEvent[]): Promise<OpenAiFace> {
  const face = await serveOpenAi({ scripts: [], wrap: streaming(events) });
  faces.push(face);
  return face;
}
afterEach(async () => {
  for (const face of faces.splice(0)) await face.close();
});

const asked = { model: "default", messages: [{ role: "user" as const, content: "Hi" }] };
const readsSluice = { headers: { "x-sluice-meta": "1" } };
const sentence = "\n\n[The answer broke off here. It begins again:]\n\n";
const losses = [{ field: "sampling.seed", detail: "second has no such setting." }];
const seamOf = (policy: string) => ({ provider: "second", model: "m-2-2026", policy, losses });

const told = z.object({
  model: z.string(),
  sluice: z
    .union([z.object({ seam: z.unknown() }), z.object({ seams: z.array(z.unknown()), attempts: z.number() })])
    .optional(),
});

/** The last two data are the last chunk and `[DONE]`. */
async function chunksOf(events: readonly ChatEvent[], headers: Record<string, string>) {
  const { post } = await serve(events);
  const data = eventsOf(await (await post({ ...asked, stream: true }, headers)).text());
  expect(data.at(-1)).toBe("[DONE]");
  return data.slice(0, -1).map((json) => told.parse(JSON.parse(json)));
}

describe("an answer that goes on at another target", () => {
  test("is one text to the official client, under the new model's name", async () => {
    const { client } = await serve(continued);
    const gathered = await client.chat.completions.stream(asked).finalChatCompletion();
    expect(gathered.choices[0]?.message).toMatchObject({ role: "assistant", content: "Hello, world" });
    expect(gathered.model).toBe("m-2-2026");
    const chunks = await allOf(await client.chat.completions.create({ ...asked, stream: true }));
    const models = chunks.map(({ model }) => model);
    expect(models).toEqual(["m-1-2026", "m-1-2026", "m-2-2026", "m-2-2026"]);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(JSON.stringify(chunks)).not.toContain("sluice");
  });

  test("has a chunk for the seam where that was asked for, and all seams in the last chunk", async () => {
    const chunks = await chunksOf(continued, readsSluice.headers);
    expect(chunks.map(({ sluice }) => sluice)).toMatchObject([
      undefined,
      undefined,
      { seam: seamOf("continue") },
      undefined,
      { attempts: 2, seams: [seamOf("continue")] },
    ]);
  });
});

describe("an answer that begins again at another target", () => {
  test("stands after the void one and a sentence, for a client that knows no seams", async () => {
    const { client } = await serve(restarted);
    const gathered = await client.chat.completions.stream(asked).finalChatCompletion();
    expect(gathered.choices[0]?.message.content).toBe(`Good mor${sentence}Hello, world`);
    expect(gathered.choices[0]?.finish_reason).toBe("stop");
  });

  test("is told in a chunk up to which all is void, whatever was asked for", async () => {
    for (const headers of [{}, readsSluice.headers]) {
      const { client } = await serve(restarted);
      const params = { ...asked, stream: true, stream_options: { include_usage: true } } as const;
      const chunks = await allOf(await client.chat.completions.create(params, { headers }));
      const at = chunks.findIndex((chunk) => "sluice" in chunk);
      expect(chunks[at]).toMatchObject({ usage: null, sluice: { seam: seamOf("restart") } });
      const contents = chunks.map(({ choices }) => choices[0]?.delta.content ?? "");
      expect(contents.slice(0, at).join("")).toBe("Good mor");
      expect(contents[at]).toBe(sentence);
      expect(contents.slice(at + 1).join("")).toBe("Hello, world");
      expect(chunks.at(-1)?.usage?.total_tokens).toBe(11);
    }
  });

  test("tells the proofs of its own reasoning alone", async () => {
    const { post } = await serve(restarted);
    const text = await (await post({ ...asked, stream: true })).text();
    expect(text).toContain('"reasoning_content":"Hm."');
    expect(text).not.toContain("reasoning_details");
  });

  test.each([
    ["tool call", restartedCall],
    ["refusal", restartedRefusal],
  ])("after a %s ends with an error, for a client that does not ask for seams", async (what, events) => {
    const { client } = await serve(events);
    const error = await client.chat.completions
      .stream(asked)
      .finalChatCompletion()
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "unavailable" });
    expect(error).toHaveProperty("message", expect.stringContaining(`broke off after a ${what}`));
  });

  test("has tool calls under indices of their own", async () => {
    const { client } = await serve(restartedCall);
    const stream = client.chat.completions.stream(asked, readsSluice);
    const [old, renewed] = (await stream.finalChatCompletion()).choices[0]?.message.tool_calls ?? [];
    expect(old).toMatchObject({ id: "call_old", function: { arguments: '{"to":"O' } });
    expect(renewed).toMatchObject({ id: "call_new", function: { arguments: '{"to":"Oslo"}' } });
  });
});
