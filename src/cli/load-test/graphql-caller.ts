// Calls the GraphQL of a gateway: a mutation, or a subscription over server-sent events.

import type { IncomingMessage } from "node:http";
import { createEventBlocks, dataOfBlock } from "../event-blocks.ts";
import { memberOf, numberOf, parsedJson, textOf } from "../json-member.ts";
import { type CallEnd, type CallerOptions, connectionEnd, type LoadCaller } from "./load-caller.ts";
import { createPosting, wholeText } from "../post-json.ts";

const mutation = `mutation ($input: ChatInput!) {
  chat(input: $input) { text provider meta { attempts } }
}`;

const subscription = `subscription ($input: ChatInput!) {
  chat(input: $input) {
    kind: __typename
    ... on Started { provider }
    ... on PartDelta { text }
    ... on Finished { meta { attempts } }
  }
}`;

export function createGraphqlCaller(options: CallerOptions): LoadCaller {
  const { url, stream, model, prompt, apiKey, monotonicMs } = options;
  const posting = createPosting(new URL("/graphql", url), {
    "content-type": "application/json",
    accept: stream ? "text/event-stream" : "application/json",
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  });
  const input = { model, messages: [{ role: "USER", parts: [{ text: prompt }] }] };
  const body = JSON.stringify({ query: stream ? subscription : mutation, variables: { input } });
  return {
    async call(signal) {
      try {
        const answer = await posting.post(body, signal);
        const streamed = answer.headers["content-type"]?.startsWith("text/event-stream") === true;
        return await (streamed ? readStream(answer, monotonicMs) : readWhole(answer));
      } catch (error) {
        return connectionEnd(error, signal);
      }
    },
    close: () => posting.close(),
  };
}

/** Undefined: there is none. */
function errorEnd(result: unknown): CallEnd | undefined {
  const error = memberOf(result, "errors", 0);
  if (error === undefined) return undefined;
  return {
    code: textOf(memberOf(error, "extensions", "code")) ?? "graphql_error",
    message: textOf(memberOf(error, "message")),
  };
}

async function readWhole(answer: IncomingMessage): Promise<CallEnd> {
  const result = parsedJson(await wholeText(answer));
  const chat = memberOf(result, "data", "chat");
  const missing = answer.statusCode === 200 ? "broken_answer" : `http_${answer.statusCode ?? 0}`;
  return {
    ...(errorEnd(result) ?? { code: memberOf(chat, "text") === undefined ? missing : "ok" }),
    provider: textOf(memberOf(chat, "provider")),
    attempts: numberOf(memberOf(chat, "meta", "attempts")),
  };
}

async function readStream(answer: IncomingMessage, monotonicMs: () => number): Promise<CallEnd> {
  const blocks = createEventBlocks();
  const end: { -readonly [K in keyof CallEnd]: CallEnd[K] } = { code: "broken_answer" };
  answer.setEncoding("utf8");
  for await (const piece of answer) {
    for (const block of blocks.push(String(piece))) {
      const data = dataOfBlock(block);
      if (!block.includes("event: next") || data === undefined) continue;
      Object.assign(end, toldBy(parsedJson(data), end, monotonicMs));
    }
  }
  return end;
}

function toldBy(result: unknown, known: CallEnd, monotonicMs: () => number): Partial<CallEnd> {
  const error = errorEnd(result);
  if (error !== undefined) return error;
  const event = memberOf(result, "data", "chat");
  switch (memberOf(event, "kind")) {
    case "Started":
      return { provider: textOf(memberOf(event, "provider")) };
    case "PartDelta":
      if (known.firstTokenAtMs !== undefined || memberOf(event, "text") === "") return {};
      return { firstTokenAtMs: monotonicMs() };
    case "Finished":
      return { code: "ok", attempts: numberOf(memberOf(event, "meta", "attempts")) };
    default:
      return {};
  }
}
