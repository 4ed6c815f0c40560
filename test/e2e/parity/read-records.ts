// What the gateway has on record, read as an administrator would: by GraphQL.

import { z } from "zod";
import { requestsQuery } from "./clients/graphql-documents.ts";

const word = z.string().nullable();
const usage = z.record(z.string(), z.unknown()).nullable();

const attemptSchema = z.strictObject({
  number: z.number(),
  reason: z.string(),
  provider: z.string(),
  status: z.string(),
  failure: word,
  usage,
  costNanos: word,
});

const recordSchema = z.strictObject({
  id: z.string(),
  status: z.string(),
  errorCode: word,
  operation: z.string(),
  delivery: z.string(),
  messageCount: z.number().nullable(),
  route: word,
  provider: word,
  finishReason: word,
  costNanos: word,
  attemptCount: z.number().nullable(),
  usage,
  attempts: z.array(attemptSchema),
});

const answerSchema = z.object({
  data: z.object({
    requests: z.object({ hasMore: z.boolean(), endCursor: word, nodes: z.array(recordSchema) }),
  }),
});

export type RecordSeen = z.infer<typeof recordSchema>;

/** All of them, the newest first. */
export async function readRecords(baseUrl: string): Promise<readonly RecordSeen[]> {
  const records: RecordSeen[] = [];
  let after: string | null = null;
  for (;;) {
    const response: Response = await fetch(`${baseUrl}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: requestsQuery, variables: { after } }),
    });
    const { requests } = answerSchema.parse(await response.json()).data;
    records.push(...requests.nodes);
    if (!requests.hasMore) return records;
    after = requests.endCursor;
  }
}
