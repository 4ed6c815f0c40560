import { describe, expect, it } from "vitest";
import type { ConfiguredPrice } from "../../src/core/pricing/configured-prices.ts";
import type { Price } from "../../src/core/pricing/price.ts";
import { load, messageOf } from "./load.ts";

const environment = { GROQ_API_KEY: "k", OPENAI_API_KEY: "k" };

const pricesOf = (yaml: string): readonly ConfiguredPrice[] => load({ yaml, environment }).prices ?? [];

/** What a price tells. */
const told = ({ version: _, ...prices }: Price) =>
  Object.fromEntries(Object.entries(prices).filter(([, picos]) => picos !== undefined));

const versionOf = (yaml: string) => pricesOf(yaml)[0]?.versions[0]?.price.version;

const [nothing] = pricesOf("logLevel: info");

describe("prices of the file", () => {
  it("are none where it has none", () => {
    expect(nothing).toBeUndefined();
  });

  it("are dollars per million tokens, as pico-dollars a token, by the digits that are written", () => {
    const [groq] = pricesOf(`
prices:
  groq/llama-3.3-70b-versatile:
    input: 0.59
    output: 0.79
    cacheRead: "0.1"
    cacheWrite: 1
    cacheWriteLong: 2
    inputAudio: 0.000001
    cacheReadAudio: 1.000001
    reasoning: 0
    outputAudio: 1234567.123456
`);
    expect(groq).toMatchObject({ provider: "groq", model: "llama-3.3-70b-versatile" });
    expect(groq?.versions).toHaveLength(1);
    const [version] = groq?.versions ?? [];
    expect(version?.fromMs).toBeUndefined();
    expect(version?.tiers).toEqual([]);
    expect(version && told(version.price)).toEqual({
      inputPicos: 590_000n,
      outputPicos: 790_000n,
      cacheReadPicos: 100_000n,
      cacheWritePicos: 1_000_000n,
      cacheWriteLongPicos: 2_000_000n,
      inputAudioPicos: 1n,
      cacheReadAudioPicos: 1_000_001n,
      reasoningPicos: 0n,
      outputAudioPicos: 1_234_567_123_456n,
    });
    expect(version?.price.version).toMatch(/^configured\/groq\/llama-3\.3-70b-versatile#[0-9a-f]{8}$/);
  });

  it("may be those of all of a provider's models, and of a model whose name has slashes", () => {
    const prices = pricesOf("prices: { groq/*: { input: 0 }, openai/meta-llama/llama: { input: 1 } }");
    expect(prices.map(({ provider, model }) => [provider, model])).toEqual([
      ["groq", undefined],
      ["openai", "meta-llama/llama"],
    ]);
  });

  it("may have versions, each from a day or a time on, in UTC", () => {
    const [groq] = pricesOf(`
prices:
  groq/llama:
    - { from: 2026-01-01, input: 1.25 }
    - { from: 2026-07-01T12:30:00Z, input: 1.0 }
    - { input: 2 }
`);
    expect(groq?.versions.map(({ fromMs }) => fromMs)).toEqual([
      Date.UTC(2026, 0, 1),
      Date.UTC(2026, 6, 1, 12, 30),
      undefined,
    ]);
    expect(groq?.versions.map(({ price }) => price.version.split("#")[0])).toEqual([
      "configured/groq/llama@2026-01-01",
      "configured/groq/llama@2026-07-01T12:30:00Z",
      "configured/groq/llama",
    ]);
  });

  it("may rise with the prompt: what is not named above costs what it costs below", () => {
    const [groq] = pricesOf(`
prices:
  groq/long: { input: 1, output: 4, cacheRead: 0.5, above: [{ tokens: 200000, input: 2, output: 6 }, { tokens: 400000, output: 9 }] }
`);
    const tiers = groq?.versions[0]?.tiers ?? [];
    expect(tiers.map(({ aboveTokens, price }) => [aboveTokens, told(price)])).toEqual([
      [200_000, { inputPicos: 2_000_000n, outputPicos: 6_000_000n, cacheReadPicos: 500_000n }],
      [400_000, { inputPicos: 1_000_000n, outputPicos: 9_000_000n, cacheReadPicos: 500_000n }],
    ]);
    expect(tiers[0]?.price.version).toMatch(/^configured\/groq\/long>200000#[0-9a-f]{8}$/);
  });

  it("have another version when they are changed under the same name, and the same when they are not", () => {
    const before = versionOf("prices: { groq/llama: { input: 1, output: 2 } }");
    expect(versionOf("prices: { groq/llama: { output: 2.0, input: '1' } }")).toBe(before);
    expect(versionOf("prices: { groq/llama: { input: 1, output: 2.1 } }")).not.toBe(before);
    expect(versionOf("prices: { groq/llama: { input: 1, reasoning: 2 } }")).not.toBe(before);
    expect(versionOf("prices: { groq/llama: { input: 1, output: 2, cacheRead: 1 } }")).not.toBe(before);
  });
});

describe("a price that is wrong says where and what is allowed", () => {
  const dollars = "must be dollars per million tokens, 0 or more, with at most 6 digits after the point";
  const cases: [string, string][] = [
    ["prices: [a]", "sluice.yaml: prices: must be a mapping of names; found a list."],
    ["prices: { groq/m: 1 }", "sluice.yaml: prices.groq/m: must be a mapping; found 1."],
    ["prices: { groq/m: }", "sluice.yaml: prices.groq/m: must be a mapping; found nothing."],
    ["prices: { groq/m: [] }", "sluice.yaml: prices.groq/m: must not be empty; found a list."],
    ["prices: { groq/m: {} }", `sluice.yaml: prices.groq/m.input: ${dollars}; found nothing.`],
    ["prices: { groq/m: { input: -1 } }", `sluice.yaml: prices.groq/m.input: ${dollars}; found -1.`],
    [
      "prices: { groq/m: { input: 1, output: 0.1234567 } }",
      `sluice.yaml: prices.groq/m.output: ${dollars}; found 0.1234567.`,
    ],
    ["prices: { groq/m: { input: 1e9 } }", `sluice.yaml: prices.groq/m.input: ${dollars}; found 1000000000.`],
    ["prices: { groq/m: { input: .nan } }", `sluice.yaml: prices.groq/m.input: ${dollars}`],
    ["prices: { groq/m: { input: free } }", `sluice.yaml: prices.groq/m.input: ${dollars}; found "free".`],
    [
      "prices: { groq/m: [{ input: 1 }, { from: 2026-01-01 }] }",
      "sluice.yaml: prices.groq/m[1].input: must be",
    ],
    [
      "prices: { groq/m: { input: 1, outputs: 2 } }",
      "sluice.yaml: prices.groq/m.outputs: is no key. There are: from, input, output, cacheRead, cacheWrite, " +
        "cacheWriteLong, inputAudio, cacheReadAudio, reasoning, outputAudio, above.",
    ],
    [
      "prices: { groq/m: { input: 1, above: [{ tokens: 5, from: 2026-01-01 }] } }",
      "sluice.yaml: prices.groq/m.above[0].from: is no key. There are: tokens, input,",
    ],
    [
      "prices: { groq/m: { input: 1, above: [{ input: 5 }] } }",
      "sluice.yaml: prices.groq/m.above[0].tokens: must be a whole number; found nothing.",
    ],
    [
      "prices: { groq/m: { input: 1, above: [{ tokens: 5, input: 1 }, { tokens: 5, input: 2 }] } }",
      "sluice.yaml: prices.groq/m.above: has two entries with the same tokens.",
    ],
    [
      "prices: { groq/m: { input: 1, from: 2026-02-30 } }",
      'sluice.yaml: prices.groq/m.from: must be a date as 2026-07-01, or a time as 2026-07-01T12:00:00Z; found "2026-02-30".',
    ],
    ["prices: { groq/m: { input: 1, from: 2026 } }", "sluice.yaml: prices.groq/m.from: must be a date as"],
    [
      "prices: { groq/m: [{ from: 2026-01-01, input: 1 }, { from: 2026-01-01T00:00:00Z, input: 2 }] }",
      "sluice.yaml: prices.groq/m[1].from: is the same as in [0]; each version needs a time of its own.",
    ],
    [
      "prices: { groq/m: [{ input: 1 }, { input: 2 }] }",
      "sluice.yaml: prices.groq/m[1].from: is missing as in [0]; each version needs a time of its own.",
    ],
    [
      "prices: { ghost/m: { input: 1 } }",
      'sluice.yaml: prices.ghost/m: "ghost" is not configured. There are: groq, openai.',
    ],
    ["prices: { m: { input: 1 } }", "sluice.yaml: prices.m: must be named provider/model, or provider/*"],
    ["prices: { groq/: { input: 1 } }", "sluice.yaml: prices.groq/: must be named provider/model"],
    [
      "prices: { groq/llama-*: { input: 1 } }",
      "sluice.yaml: prices.groq/llama-*: must be named provider/model",
    ],
  ];
  it.each(cases)("%s", (yaml, message) => {
    expect(messageOf({ yaml, environment })).toContain(message);
  });
});
