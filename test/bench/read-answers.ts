// What a server answers, read once before the load: a baseline that answers something else would be none.

import { z } from "zod";
import { jsonChat } from "./chats.ts";
import type { Child } from "./child-process.ts";
import { createSseReader } from "./sse-reader.ts";

/** Fails when the answers differ, or say nothing. */
export async function checkSame(what: string, answers: readonly Promise<unknown>[]): Promise<void> {
  const texts = (await Promise.all(answers)).map((answer) => JSON.stringify(answer));
  const [first = ""] = texts;
  if (first.length < 100 || texts.some((text) => text !== first)) {
    throw new Error(`The gateway's and its baseline's ${what} differ: ${texts.join("\nand ")}`);
  }
}

const usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() });

const completion = z.object({
  object: z.literal("chat.completion"),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({ role: z.string(), content: z.string(), refusal: z.null() }),
      logprobs: z.null(),
      finish_reason: z.string(),
    }),
  ),
  usage,
});

export const readCompletion = async (server: Child): Promise<unknown> =>
  completion.parse(await (await post(server, jsonChat)).json());

const chunk = z.object({
  object: z.literal("chat.completion.chunk"),
  model: z.string(),
  choices: z.array(
    z.object({
      delta: z.object({ role: z.string().optional(), content: z.string().optional() }),
      finish_reason: z.string().nullable(),
    }),
  ),
  usage: usage.nullable(),
});

/** The stream's chunks, without what differs from call to call. */
export const readChunkStream = (server: Child, body: string): Promise<unknown> =>
  readEvents(server, { path: "/v1/chat/completions", body, event: chunk });

const chatEvent = z.object({ data: z.object({ chat: z.record(z.string(), z.unknown()) }) });

export const readSubscription = (server: Child, body: string): Promise<unknown> =>
  readEvents(server, { path: "/graphql", body, event: chatEvent });

interface Asked {
  readonly path: string;
  readonly body: string;
}

async function readEvents(server: Child, asked: Asked & { readonly event: z.ZodType }): Promise<unknown> {
  const events: unknown[] = [];
  const reader = createSseReader((data) => {
    if (data !== "" && data !== "[DONE]") events.push(asked.event.parse(JSON.parse(data)));
  });
  const { body } = await post(server, asked);
  for await (const piece of body ?? []) reader.feed(Buffer.from(piece));
  return events;
}

async function post(server: Child, { path, body }: Asked): Promise<Response> {
  const answer = await fetch(`http://127.0.0.1:${server.ports["http"]}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    body,
  });
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`);
  return answer;
}
