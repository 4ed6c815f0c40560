// The gateway's GraphQL as a web front end would call it: fetch, and server-sent events for subscriptions.

import { z } from "zod";
import { createEventBlocks, dataOfBlock } from "./event-blocks.ts";

const chatEvent = z.object({
  chat: z.object({
    kind: z.string(),
    sequence: z.number(),
    provider: z.string().optional(),
    model: z.string().optional(),
    text: z.string().optional(),
    reason: z.string().optional(),
  }),
});

const recordPage = z.object({
  requests: z.object({
    nodes: z.array(
      z.object({
        status: z.string(),
        provider: z.string().nullable(),
        costNanos: z.string().nullable(),
        attempts: z.array(
          z.object({
            provider: z.string(),
            model: z.string(),
            reason: z.string(),
            status: z.string(),
            failure: z.string().nullable(),
            httpStatus: z.number().nullable(),
          }),
        ),
      }),
    ),
  }),
});

export class GraphqlCallError extends Error {
  override readonly name = "GraphqlCallError";
}

const answerOf = <T extends z.ZodType>(data: T) =>
  z.object({ data: data.nullish(), errors: z.array(z.object({ message: z.string() })).optional() });

function dataOf<T>(answer: { data?: T | null | undefined; errors?: { message: string }[] | undefined }): T {
  if (answer.data !== null && answer.data !== undefined && answer.errors === undefined) return answer.data;
  throw new GraphqlCallError(answer.errors?.map(({ message }) => message).join("; ") ?? "No data came.");
}

const post = (httpUrl: string, body: object, accept: string): Promise<Response> =>
  fetch(`${httpUrl}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", accept },
    body: JSON.stringify(body),
  });

/** @throws GraphqlCallError */
export async function queryGraphql(httpUrl: string, query: string): Promise<z.infer<typeof recordPage>> {
  const response = await post(httpUrl, { query }, "application/json");
  return dataOf(answerOf(recordPage).parse(await response.json()));
}

/** The events of a subscription. @throws GraphqlCallError */
export async function* subscribeGraphql(
  httpUrl: string,
  operation: { readonly query: string; readonly variables: object },
): AsyncGenerator<z.infer<typeof chatEvent>> {
  const response = await post(httpUrl, operation, "text/event-stream");
  const text = response.body?.pipeThrough(new TextDecoderStream()) ?? [];
  const blocks = createEventBlocks();
  for await (const piece of text) {
    for (const block of blocks.push(piece)) {
      const data = dataOfBlock(block);
      if (!block.includes("event: next") || data === undefined) continue;
      yield dataOf(answerOf(chatEvent).parse(JSON.parse(data)));
    }
  }
}
