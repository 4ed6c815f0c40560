// Any JSON in the place of the usage, and of each count.

import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import { startAnsweringServer } from "./answering-server.ts";
import type { AnsweringServer } from "./answering-server.ts";
import { json } from "./encode.ts";
import { expectSound, usageOf } from "./expect-usage.ts";
import { wireFormats } from "./formats.ts";

let server: AnsweringServer;

beforeAll(async () => {
  server = await startAnsweringServer();
});

afterAll(() => server[Symbol.asyncDispose]());

const count = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 60 }) },
  { weight: 2, arbitrary: fc.integer() },
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 20, 2 ** 53, 1e308, -0, 0.5),
  fc.jsonValue(),
);

const counts = fc.record(
  { input: count, output: count, cached: count, reasoning: count },
  { requiredKeys: [] },
);

describe.each(wireFormats)("any usage of $name", (format) => {
  const usage = fc.oneof({ weight: 4, arbitrary: counts.map((each) => format.usage(each)) }, fc.jsonValue());

  test("leaves the reply whole, and is sound or unknown", async () => {
    await fc.assert(
      fc.asyncProperty(usage, usage, async (told, earlierUsage) => {
        const reply = { text: "Hi", usage: told, earlierUsage };
        server.answerWith({ type: "application/json", body: json(format.whole(reply)) });
        expectSound(usageOf(await server.ask(format, "unary")));
        server.answerWith({ type: format.streamType, body: format.stream(reply) });
        expectSound(usageOf(await server.ask(format, "streamed")));
      }),
      { numRuns: 60 },
    );
  });
});
