// GraphQL: the mutation, and the subscription over server-sent events.

import { createEventBlocks, dataOfBlock } from "../event-blocks.ts";
import { memberOf, parsedJson, textOf } from "../json-member.ts";
import { createPosting, wholeText } from "../post-json.ts";
import {
  type FaceAnswer,
  type FaceGroup,
  type FaceOptions,
  given,
  headersOf,
  neverRejecting,
  prompt,
  refused,
  timeoutMs,
} from "./face.ts";
import { graphqlFault } from "./graphql-fault.ts";

const mutation = "mutation ($input: ChatInput!) { chat(input: $input) { id text } }";
const subscription = `subscription ($input: ChatInput!) {
  chat(input: $input) { kind: __typename ... on Started { id } ... on PartDelta { text } }
}`;

export function createGraphqlFaces({ url, model, apiKey }: FaceOptions): FaceGroup {
  const posting = createPosting(new URL("/graphql", url), {
    "content-type": "application/json",
    ...headersOf(apiKey),
  });
  const messages = [{ role: "USER", parts: [{ text: prompt }] }];
  const ask = async (query: string, accept: string, idempotencyKey: string): Promise<string> => {
    const body = JSON.stringify({ query, variables: { input: { model, messages, idempotencyKey } } });
    return wholeText(await posting.post(body, AbortSignal.timeout(timeoutMs), { accept }));
  };
  return {
    faces: [
      {
        name: "GraphQL mutation",
        ask: (key) => neverRejecting(async () => wholeAnswer(await ask(mutation, "application/json", key))),
      },
      {
        name: "GraphQL subscription",
        ask: (key) =>
          neverRejecting(async () => streamedAnswer(await ask(subscription, "text/event-stream", key))),
      },
    ],
    close: () => posting.close(),
  };
}

function wholeAnswer(answer: string): FaceAnswer {
  const result = parsedJson(answer);
  const fault = graphqlFault(result);
  if (fault !== undefined) return refused(`${fault.code}: ${fault.message}`);
  const chat = memberOf(result, "data", "chat");
  return given(textOf(memberOf(chat, "id")), textOf(memberOf(chat, "text")));
}

function streamedAnswer(answer: string): FaceAnswer {
  // One that is refused before its stream began is plain JSON.
  if (answer.startsWith("{")) return wholeAnswer(answer);
  let callId: string | undefined;
  let text = "";
  let isWhole = false;
  for (const block of createEventBlocks().push(answer)) {
    const result = parsedJson(dataOfBlock(block) ?? "");
    const fault = graphqlFault(result);
    if (fault !== undefined) return refused(`${fault.code}: ${fault.message}`);
    const event = memberOf(result, "data", "chat");
    callId ??= textOf(memberOf(event, "id"));
    text += textOf(memberOf(event, "text")) ?? "";
    isWhole ||= memberOf(event, "kind") === "Finished";
  }
  return given(callId, isWhole ? text : undefined);
}
