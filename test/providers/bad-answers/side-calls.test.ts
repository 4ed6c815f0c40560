// Embeddings and lists of models: the same bad answers, and vectors that are none.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AttemptContext } from "../../../src/core/provider.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { startAnsweringServer, upstreamId } from "./answering-server.ts";
import type { Answer, AnsweringServer } from "./answering-server.ts";
import { json } from "./encode.ts";
import { wireFormats } from "./formats.ts";
import type { WireFormat } from "./wire-format.ts";

let server: AnsweringServer;

beforeAll(async () => {
  server = await startAnsweringServer();
});

afterAll(() => server[Symbol.asyncDispose]());

const context: AttemptContext = {
  model: "a-model",
  delivery: "unary",
  signal: new AbortController().signal,
};

/** How many vectors came, or the error. Undefined: the adapter has no such call. */
async function embedded(format: WireFormat, answer: Answer): Promise<number | ProviderError | undefined> {
  server.answerWith(answer);
  const provider = server.providerOf(format);
  if (provider.embed === undefined) return undefined;
  try {
    const { events } = await provider.embed({ inputs: ["one", "two"] }, context);
    let vectors = 0;
    for await (const event of events) vectors += event.vectors.length;
    return vectors;
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
}

async function listed(format: WireFormat, answer: Answer): Promise<number | ProviderError | undefined> {
  server.answerWith(answer);
  try {
    return (await server.providerOf(format).listModels?.(context.signal))?.length;
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
}

const bodies: readonly string[] = [
  "",
  "{}",
  "[]",
  "[{}]",
  "null",
  "7",
  "OK",
  '{"data":',
  "<html>Hi</html>",
  '{"data":[],"embeddings":[],"models":[]}',
  '{"data":{},"embeddings":{},"models":{}}',
  '{"data":[null,3],"embeddings":[null,3],"models":[null,3]}',
  '{"error":{"message":"no"}}',
  '{"error":"no"}',
];

/** What stands in the place of a vector. */
const vectors: readonly unknown[] = [
  null,
  "",
  "no base64!",
  "AAA=",
  [],
  {},
  [null],
  ["1"],
  [1e308],
  [[1]],
  7,
];

const formats = wireFormats.filter(({ name }) => !name.includes("responses"));

describe.each(formats)("side calls of $name", (format) => {
  test.each(bodies)("answered with %j give no vectors and no models", async (body) => {
    const vectorsGiven = await embedded(format, { type: "application/json", body });
    if (vectorsGiven !== undefined) expect(vectorsGiven).toBeInstanceOf(ProviderError);
    const models = await listed(format, { type: "application/json", body });
    if (!(models instanceof ProviderError)) expect(models ?? 0).toBe(0);
  });

  test.each(vectors)("with %j for a vector are broken", async (vector) => {
    for (const all of [
      [[1, 2], vector],
      [vector, vector],
    ]) {
      const data = all.map((embedding, index) => ({ object: "embedding", index, embedding }));
      for (const embeddings of [all, all.map((each) => ({ values: each }))]) {
        const answer = { type: "application/json", body: json({ data, embeddings }) };
        const given = await embedded(format, answer);
        if (given !== undefined) expect(given).toMatchObject({ failure: "broken_reply" });
      }
    }
  });

  test("that are refused have the status' class and the vendor's id", async () => {
    const { body, headers } = format.error(429, "Too many");
    const answer = { status: 429, headers: { ...headers, "retry-after": "7" }, body: json(body) };
    for (const error of [await embedded(format, answer), await listed(format, answer)]) {
      if (error === undefined) continue;
      expect(error).toMatchObject({
        failure: "rate_limited",
        retryAfterMs: 7_000,
        upstreamRequestId: format.requestIdHeader === undefined ? undefined : upstreamId,
      });
    }
  });
});
