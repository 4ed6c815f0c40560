// Counts that are none. The reply comes all the same; what is not known stays unknown, and has no cost.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Usage } from "../../../src/core/chat/usage.ts";
import { costNanos } from "../../../src/core/pricing/price.ts";
import { startAnsweringServer } from "./answering-server.ts";
import type { AnsweringServer } from "./answering-server.ts";
import { beyondDoubles, json } from "./encode.ts";
import { expectSound, price, usageOf } from "./expect-usage.ts";
import { wireFormats } from "./formats.ts";
import type { ToldReply, WireFormat } from "./wire-format.ts";

let server: AnsweringServer;

beforeAll(async () => {
  server = await startAnsweringServer();
});

afterAll(() => server[Symbol.asyncDispose]());

async function usages(format: WireFormat, reply: ToldReply): Promise<readonly (Usage | undefined)[]> {
  server.answerWith({ type: "application/json", body: json(format.whole({ ...reply, text: "Hi" })) });
  const whole = usageOf(await server.ask(format, "unary"));
  server.answerWith({ type: format.streamType, body: format.stream({ ...reply, text: "Hi" }) });
  return [whole, usageOf(await server.ask(format, "streamed"))];
}

const noCounts: readonly (readonly [string, unknown])[] = [
  ["negative", -3],
  ["a fraction", 2.5],
  ["1e308", 1e308],
  ["beyond all doubles", beyondDoubles],
  ["just not a safe integer", 9_007_199_254_740_992],
  ["a text", "12"],
  ["a list", [12]],
  ["an object", { tokens: 12 }],
  ["null", null],
  ["true", true],
  ["absent", undefined],
];

const noUsages: readonly (readonly [string, unknown])[] = [
  ["absent", undefined],
  ["null", null],
  ["a text", "12 tokens"],
  ["a number", -12],
  ["a list", [{ prompt_tokens: 1 }]],
  ["an empty object", {}],
  ["true", true],
];

describe.each(wireFormats)("usage of $name", (format) => {
  test("that is sound is told, and priced", async () => {
    for (const usage of await usages(format, { usage: format.usage({ input: 20, output: 5 }) })) {
      expectSound(usage);
      expect(usage?.input.total).toBe(20);
      expect(usage?.output.total).toBe(5);
      expect(usage && costNanos(usage, price)).toBe(40_000n);
    }
  });

  test.each(noUsages)("that is %s is unknown", async (_name, usage) => {
    expect(await usages(format, { usage })).toEqual([undefined, undefined]);
  });

  test.each(noCounts)("with input or output that is %s leaves that unknown", async (_name, count) => {
    for (const usage of await usages(format, { usage: format.usage({ input: count, output: 5 }) })) {
      expectSound(usage);
      expect(usage?.input.total).toBeUndefined();
      expect(usage?.output.total).toBe(5);
      expect(usage && costNanos(usage, price)).toBeUndefined();
    }
    for (const usage of await usages(format, { usage: format.usage({ input: 20, output: count }) })) {
      expectSound(usage);
      expect(usage?.input.total).toBe(20);
      expect(usage?.output.total).toBeUndefined();
      expect(usage && costNanos(usage, price)).toBeUndefined();
    }
    expect(await usages(format, { usage: format.usage({ input: count, output: count }) })).toEqual([
      undefined,
      undefined,
    ]);
  });

  test.each(noCounts)("with a part that is %s leaves unknown what it is part of", async (_name, count) => {
    const counts = { input: 20, output: 5, cached: count, reasoning: count };
    const isTold = count !== undefined && count !== null;
    for (const usage of await usages(format, { usage: format.usage(counts) })) {
      expectSound(usage);
      expect(usage?.input.total).toBe(isTold && !format.inputHasCached ? undefined : 20);
      expect(usage?.input.cacheRead).toBeUndefined();
      expect(usage?.output.total).toBe(isTold && !format.outputHasReasoning ? undefined : 5);
      expect(usage?.output.reasoning).toBeUndefined();
    }
  });

  test("with parts above their totals does not give what is wrong", async () => {
    const counts = { input: 20, output: 5, cached: 50, reasoning: 50 };
    for (const usage of await usages(format, { usage: format.usage(counts) })) {
      expectSound(usage);
      expect([20, 70]).toContain(usage?.input.total);
    }
  });

  test("with counts that no sum holds does not add them up", async () => {
    const most = Number.MAX_SAFE_INTEGER;
    const counts = { input: most, output: most, cached: most, reasoning: most };
    for (const usage of await usages(format, { usage: format.usage(counts) })) expectSound(usage);
  });

  test("told twice is told once, as it was told last", async () => {
    const [, usage] = await usages(format, {
      earlierUsage: format.usage({ input: 7, output: 1 }),
      usage: format.usage({ input: 20, output: 5 }),
    });
    expectSound(usage);
    expect([usage?.input.total, usage?.output.total]).toEqual([20, 5]);
  });

  test("told well first and badly then stays as it was, or is unknown", async () => {
    const [, usage] = await usages(format, {
      earlierUsage: format.usage({ input: 7, output: 1 }),
      usage: format.usage({ input: -20, output: 1e308 }),
    });
    expectSound(usage);
    expect([7, undefined]).toContain(usage?.input.total);
    expect([1, undefined]).toContain(usage?.output.total);
  });
});
