// What tests of runs ask of a gateway over its ports.

import { memberOf, parsedJson, textOf } from "../../../src/cli/json-member.ts";
import type { ChatEvent } from "../../../generated/proto/sluice/v1/chat_pb.ts";
import { Role } from "../../../generated/proto/sluice/v1/chat_pb.ts";

export const resumable = { "x-sluice-resumable": "1" };

export const userSays = (text: string) => [
  { role: Role.USER, parts: [{ content: { case: "text" as const, value: text } }] },
];

export interface Post {
  readonly path: string;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export const post = (baseUrl: string, { path, body, headers, signal }: Post): Promise<Response> =>
  fetch(`${baseUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });

export const completion = (content: string, stream = false) => ({
  path: "/v1/chat/completions",
  body: { stream, messages: [{ role: "user", content }] },
});

const eventFields = "kind: __typename sequence ... on Started { id } ... on PartDelta { text }";

export const chatMutation =
  "mutation ($input: ChatInput!) { chat(input: $input) { id text meta { cacheStatus } } }";
export const chatSubscription = `subscription ($input: ChatInput!) { chat(input: $input) { ${eventFields} } }`;
export const resumeSubscription = `subscription ($id: ID!, $after: Int) {
  resumeChat(id: $id, afterSequence: $after) { ${eventFields} }
}`;

export const graphqlInput = (text: string) => ({ messages: [{ role: "USER", parts: [{ text }] }] });

export const graphql = (query: string, variables: object) => ({
  path: "/graphql",
  body: { query, variables },
});

export interface Block {
  readonly id: string | undefined;
  readonly data: string;
}

/** The events of a text of server-sent events, as far as they are whole; comments are none. */
export const blocksOf = (text: string): readonly Block[] =>
  text
    .split("\n\n")
    .slice(0, -1)
    .filter((block) => !block.startsWith(":"))
    .map((block) => ({
      id: /^id: ?(.*)$/m.exec(block)?.[1],
      data: /^data: ?(.*)$/m.exec(block)?.[1] ?? "",
    }));

/** Reads server-sent events until there are so many, and leaves. */
export async function firstBlocks(response: Response, count: number): Promise<readonly Block[]> {
  let text = "";
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece;
    if (blocksOf(text).length >= count) break;
  }
  return blocksOf(text).slice(0, count);
}

export interface Told {
  readonly sequences: readonly number[];
  readonly text: string;
}

export const toldBy = (events: readonly ChatEvent[]): Told => ({
  sequences: events.map(({ sequence }) => Number(sequence)),
  text: events.map(({ event }) => (event.case === "partDelta" ? event.value.text : "")).join(""),
});

export const countedTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

type Data = Pick<Block, "data">;

/** What the chunks of OpenAI's format say. */
export const textOfChunks = (blocks: readonly Data[]): string =>
  blocks
    .map(({ data }) => textOf(memberOf(parsedJson(data), "choices", 0, "delta", "content")) ?? "")
    .join("");

/** What GraphQL's results say, of `chat` or of `resumeChat`. */
export function toldByResults(blocks: readonly Data[]): Told {
  const events = blocks.flatMap(({ data }) => {
    const result = memberOf(parsedJson(data), "data");
    return memberOf(result, "chat") ?? memberOf(result, "resumeChat") ?? [];
  });
  return {
    sequences: events.map((event) => Number(memberOf(event, "sequence"))),
    text: events.map((event) => textOf(memberOf(event, "text")) ?? "").join(""),
  };
}
