import { describe, expect, it, test } from "vitest";
import { checkProvider } from "../../src/config/check-provider.ts";
import { kinds } from "./load.ts";
import { providerRefusal } from "./refusals.ts";

const checked = (entry: unknown) =>
  checkProvider({ name: "p", source: "managed", entry, place: "input", kinds });

const groq = { kind: "groq", apiKey: "k" };

describe("a provider", () => {
  it("may have several keys, and says how its targets are asked", () => {
    const entry = {
      kind: "groq",
      apiKeys: ["one", "two"],
      breaker: {
        failureThreshold: 10,
        resetTimeoutSeconds: 120,
        errorRate: { percent: 12.5, windowSeconds: 30, minAttempts: 5 },
      },
      timeouts: { connectMs: 500, firstTokenMs: 20_000, betweenTokensMs: 5_000 },
      maxConcurrent: 100,
      probe: { intervalSeconds: 15, timeoutMs: 900 },
    };
    expect(checked(entry)).toMatchObject({
      source: "managed",
      apiKeys: ["one", "two"],
      policy: {
        breaker: {
          failureThreshold: 10,
          resetTimeoutMs: 120_000,
          errorRate: { share: 0.125, windowMs: 30_000, minAttempts: 5 },
        },
        firstTokenMs: 20_000,
        betweenTokensMs: 5_000,
        maxConcurrent: 100,
      },
      connectMs: 500,
      probe: { intervalMs: 15_000, timeoutMs: 900 },
    });
  });

  it("that says nothing of it has no policy and no probe of its own", () => {
    const { policy, connectMs, probe } = checked({ ...groq, timeouts: { connectMs: 1 } });
    expect({ policy, connectMs, probe }).toEqual({ policy: undefined, connectMs: 1, probe: undefined });
  });

  it("is probed every half minute where it says no more", () => {
    expect(checked({ ...groq, probe: {} }).probe).toEqual({ intervalMs: 30_000, timeoutMs: 5_000 });
  });

  it("that is called what no provider may be is refused", () => {
    expect(() =>
      checkProvider({ name: "__proto__", source: "managed", entry: groq, place: "input", kinds }),
    ).toThrow("input.name: must be lower-case letters");
  });

  it("takes nothing from the environment at run time, and is not told to", () => {
    const missing = "input.apiKey: is missing. Write it.";
    expect(providerRefusal({ kind: "groq" }).atRunTime).toBe(missing);
    expect(providerRefusal({ kind: "cloud", apiKey: "k" }).atRunTime).toBe(
      "input.region: is missing. Write it.",
    );
    expect(providerRefusal({ kind: "hosted", apiKey: "k" }).atRunTime).toBe(
      "input.baseUrl: is missing. Write it.",
    );
  });
});

describe("what is wrong with a provider is refused in the same words wherever it is written, without its secrets", () => {
  test.each<[string, unknown, string]>([
    [
      "no time to connect",
      { ...groq, timeouts: { connectMs: 0 } },
      ".timeouts.connectMs: must be a whole number from 1 to 120000; found 0.",
    ],
    [
      "no time for the first token",
      { ...groq, timeouts: { firstTokenMs: 0 } },
      ".timeouts.firstTokenMs: must be a whole number from 1 to 3600000; found 0.",
    ],
    [
      "no time between tokens",
      { ...groq, timeouts: { betweenTokensMs: 0 } },
      ".timeouts.betweenTokensMs: must be a whole number from 1 to 3600000; found 0.",
    ],
    [
      "a time that does not exist",
      { ...groq, timeouts: { totalMs: 1 } },
      ".timeouts.totalMs: is no key. There are: firstTokenMs, betweenTokensMs, wholeAnswerMs, connectMs.",
    ],
    [
      "a breaker that is never closed",
      { ...groq, breaker: { failureThreshold: 0 } },
      ".breaker.failureThreshold: must be a whole number from 1 to 1000; found 0.",
    ],
    [
      "an error rate of nothing",
      { ...groq, breaker: { errorRate: { percent: 0 } } },
      ".breaker.errorRate.percent: must be a number from 1 to 100; found 0.",
    ],
    [
      "an error rate over no time",
      { ...groq, breaker: { errorRate: { percent: 50, windowSeconds: 0 } } },
      ".breaker.errorRate.windowSeconds: must be a whole number from 1 to 3600; found 0.",
    ],
    [
      "no call at a time",
      { ...groq, maxConcurrent: 0 },
      ".maxConcurrent: must be a whole number from 1 to 100000; found 0.",
    ],
    [
      "a probe without pause",
      { ...groq, probe: { intervalSeconds: 0 } },
      ".probe.intervalSeconds: must be a whole number from 1 to 86400; found 0.",
    ],
    [
      "a probe without time",
      { ...groq, probe: { timeoutMs: 0 } },
      ".probe.timeoutMs: must be a whole number from 1 to 60000; found 0.",
    ],
    [
      "a probe of a kind that does not list its models",
      { kind: "hosted", apiKey: "s3cret", baseUrl: "http://h", probe: {} },
      ".probe: a probe asks for the list of models, and hosted has none. Leave it out",
    ],
    ["no key in the list", { kind: "groq", apiKeys: [] }, ".apiKeys: must not be empty; found a list."],
    [
      "an empty key",
      { kind: "groq", apiKeys: ["s3cret", ""] },
      ".apiKeys[1]: must not be empty; found a text.",
    ],
    [
      "the same key twice",
      { kind: "groq", apiKeys: ["s3cret", "k", "s3cret"] },
      ".apiKeys[2]: is the same as [0]. Write each key once.",
    ],
    [
      "a key that is no text",
      { kind: "groq", apiKeys: [31_415] },
      ".apiKeys[0]: must be a text; found a number without quotes.",
    ],
    [
      "a key and a list of keys",
      { kind: "groq", apiKey: "s3cret", apiKeys: ["s3cret-2"] },
      ".apiKeys: stands in the place of apiKey. Write one of them.",
    ],
    [
      "a list of keys and what stands in their place",
      { kind: "hosted", baseUrl: "http://h", apiKeys: ["s3cret"], adToken: "s3cret" },
      ".adToken: stands in the place of apiKeys. Write one of them.",
    ],
    [
      "a kind that does not exist",
      { kind: "nope", apiKey: "s3cret" },
      '.kind: must be one of openai, groq, anthropic, hosted, local, cloud, compatible; found "nope".',
    ],
    ["no mapping", "s3cret", ": must be a mapping; found a text."],
  ])("%s", (_, entry, fault) => {
    const { inFile, atRunTime } = providerRefusal(entry);
    expect(atRunTime).toContain(`input${fault}`);
    expect(inFile).toBe(atRunTime.replace(/^input/, "sluice.yaml: providers.p"));
    expect(inFile).not.toMatch(/s3cret|31415/);
  });
});
