import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProviderConfiguration } from "../../src/config/configuration.ts";
import { createDemoUpstream, type DemoUpstream } from "../../src/demo/demo-upstream.ts";
import { checkProviders } from "../../src/doctor/check-providers.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { runChecks } from "../../src/doctor/run-checks.ts";
import { providerTable } from "../../src/providers/provider-table.ts";

let upstream: DemoUpstream;
beforeAll(async () => {
  upstream = await createDemoUpstream({ apiKey: "the-right-key", models: ["gpt-5-mini"] });
});
afterAll(() => upstream.close());

const provider = (over: Partial<ProviderConfiguration> = {}): ProviderConfiguration => ({
  name: "openai",
  kind: "openai",
  source: "environment",
  apiKeys: ["the-right-key"],
  baseUrl: `${upstream.url}/v1`,
  settings: {},
  models: ["gpt-5-mini"],
  priority: 0,
  ...over,
});

async function found(...providers: ProviderConfiguration[]): Promise<readonly Finding[]> {
  const checks = checkProviders(providers, ({ kind, ...options }) => {
    const entry = providerTable[kind];
    if (entry === undefined) throw new Error(`${kind} is unknown.`);
    return entry.create(options);
  });
  return runChecks(checks, 5_000);
}

describe("a provider", () => {
  it("whose list comes has a good key; nothing that costs was asked", async () => {
    expect(await found(provider())).toEqual([
      {
        verdict: "ok",
        subject: "provider openai",
        text: expect.stringMatching(/^Its key is good; it lists \d models?\.$/),
      },
    ]);
    expect(upstream.received.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /v1/models"]);
  });

  it("that refuses the key fails, and is said where the key stands", async () => {
    const [finding] = await found(provider({ apiKeys: ["a-wrong-key"], source: "file" }));
    expect(finding?.verdict).toBe("fail");
    expect(finding?.text).toMatch(/^It refuses the key \(HTTP 401\): .* Correct the key in the file\.$/);
  });

  it("with several keys is asked with each", async () => {
    const findings = await found(provider({ apiKeys: ["the-right-key", "a-wrong-key"] }));
    expect(findings).toMatchObject([
      { verdict: "ok", subject: "provider openai, key 1" },
      { verdict: "fail", subject: "provider openai, key 2" },
    ]);
  });

  it("that does not list its model is worth a look; a version of it counts", async () => {
    const [finding] = await found(provider({ models: ["gpt-5-mini", "gpt-5-mimi"] }));
    expect(finding).toMatchObject({
      verdict: "warn",
      text: expect.stringContaining("but not gpt-5-mimi. Correct"),
    });
    expect(await found(provider({ models: ["gpt-5"] }))).toMatchObject([{ verdict: "ok" }]);
  });

  it("that cannot be reached fails with its address", async () => {
    const [finding] = await found(provider({ baseUrl: "http://127.0.0.1:9/v1" }));
    expect(finding?.verdict).toBe("fail");
    expect(finding?.text).toContain("See that this machine reaches http://127.0.0.1:9/v1");
  });

  it("that is at its limit has a key that works", async () => {
    upstream.setFault({ kind: "status", status: 429, times: 1 });
    expect(await found(provider())).toMatchObject([
      { verdict: "warn", text: expect.stringMatching(/^It takes no more calls at the moment \(HTTP 429\)/) },
    ]);
  });

  it("that hangs is given up", async () => {
    upstream.setFault({ kind: "hang", at: "before_headers", times: 1 });
    const checks = checkProviders([provider()], (options) => {
      const entry = providerTable["openai"];
      if (entry === undefined) throw new Error("openai is unknown.");
      return entry.create(options);
    });
    expect(await runChecks(checks, 100)).toMatchObject([
      { verdict: "fail", text: "Gave no answer within 0.1 s." },
    ]);
  });

  it("without a list of its own, or with one for anybody, is not said to be good", async () => {
    const settings = { endpoint: "", deployments: { "gpt-5-mini": "mine" }, apiVersion: "v1" };
    const [azure, openrouter] = await found(
      provider({ name: "azure", kind: "azure", settings }),
      provider({ name: "openrouter", kind: "openrouter" }),
    );
    expect(azure).toMatchObject({ verdict: "warn", text: expect.stringMatching(/^Not checked: /) });
    expect(openrouter).toMatchObject({
      verdict: "warn",
      text: expect.stringContaining("its key is not checked"),
    });
  });
});
