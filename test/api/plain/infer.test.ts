import { afterEach, describe, expect, it } from "vitest";
import { GatewayError } from "../../../src/core/errors.ts";
import { ProviderError } from "../../../src/core/provider-error.ts";
import { textScript } from "../../support/scripted-provider.ts";
import { type PlainFace, type PlainOptions, servePlain } from "./serve-plain.ts";

const faces: PlainFace[] = [];
afterEach(async () => {
  for (const face of faces.splice(0)) await face.close();
});

async function begin(options: PlainOptions = {}): Promise<PlainFace> {
  const face = await servePlain({ scripts: [textScript("Hello there, you")], ...options });
  faces.push(face);
  return face;
}

const price = { version: "1", inputPicos: 1_000_000n, outputPicos: 2_000_000n };

describe("an inference", () => {
  it("gives the text, who answered, how long it took, and its cost in dollars", async () => {
    const { post, provider, ledger } = await begin({ prices: { find: () => price } });
    const response = await post({ model: "auto", prompt: "Hi", max_tokens: 50 });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-sluice-request-id")).toBe(ledger.opened[0]?.id);
    // 5 tokens read and 3 written.
    expect(await response.json()).toEqual({
      output: "Hello there, you",
      provider: "acme",
      latency_ms: 0,
      cost: 0.000011,
    });
    expect(provider.calls).toMatchObject([
      {
        request: { messages: [{ role: "user", parts: [{ type: "text", text: "Hi" }] }], maxOutputTokens: 50 },
      },
    ]);
    expect(ledger.settled).toMatchObject([{ status: "ok" }]);
  });

  it("needs no more than a prompt, and tells null where no price is known", async () => {
    const { post } = await begin();
    expect(await (await post({ prompt: "Hi" })).json()).toMatchObject({ cost: null });
  });

  it("tells what is left of its caller's limits, and a refusal does too", async () => {
    const { post } = await begin({ limits: { requestsPerMinute: 1 } });
    const served = await post({ prompt: "Hi" });
    expect(served.status).toBe(200);
    expect(served.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    const refused = await post({ prompt: "Hi" });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("ratelimit-policy")).toBe('"requests";q=1;w=60');
    expect(refused.headers.get("retry-after")).toBe("60");
  });

  const wrong: [string, unknown, RegExp][] = [
    ["no JSON", "{", /^body: is not valid JSON/],
    ["no object", [], /^body: must be a JSON object/],
    ["no prompt", {}, /^prompt: is missing/],
    ["a prompt that is no text", { prompt: 5 }, /^prompt: must be a string/],
    [
      "a name that is not known",
      { prompt: "Hi", max_token: 5 },
      /^max_token: is not known here; known are model/,
    ],
    ["no tokens", { prompt: "Hi", max_tokens: 0 }, /^max_tokens: must/],
    ["half a token", { prompt: "Hi", max_tokens: 1.5 }, /^max_tokens: must/],
    ["a model that is not there", { prompt: "Hi", model: "nope" }, /^model: "nope" is no route/],
  ];
  it.each(wrong)("of %s is refused with the field's name", async (_, body, message) => {
    const { post, provider, ledger } = await begin();
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: {
        code: "invalid_request",
        message: expect.stringMatching(message),
        // Of a call that had begun.
        request_id: ledger.opened[0]?.id ?? null,
      },
    });
    expect(provider.calls).toEqual([]);
  });

  it("that fails everywhere says so, with the id of its record", async () => {
    const refuse = new ProviderError({ failure: "unavailable", message: "down" });
    const { post, ledger } = await begin({ scripts: [{ steps: [], refuse }] });
    const response = await post({ prompt: "Hi" }, { "x-request-id": "mine" });
    expect(response.status).toBe(502);
    expect(response.headers.get("x-request-id")).toBe("mine");
    expect(await response.json()).toEqual({
      error: {
        code: "all_providers_failed",
        message: expect.any(String),
        request_id: ledger.opened[0]?.id,
      },
    });
  });

  it("by somebody who is not known is not read", async () => {
    const refusal = new GatewayError({
      code: "unauthenticated",
      message: "A key is needed.",
      retryAfterMs: 1,
    });
    const { post } = await begin({
      access: { keyless: false, authenticate: () => Promise.reject(refusal) },
    });
    const response = await post("{");
    expect(response.status).toBe(401);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toEqual({
      error: { code: "unauthenticated", message: "A key is needed.", request_id: null },
    });
  });

  it("is not the answer to what nobody foresaw", async () => {
    const { post } = await begin({
      wrap: (gateway) => ({ ...gateway, chat: () => Promise.reject(new Error("secret")) }),
    });
    const response = await post({ prompt: "Hi" });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
  });

  it("is a POST", async () => {
    const { url } = await begin();
    const response = await fetch(`${url}/infer`);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });

  it("that is too long is refused", async () => {
    const { post } = await begin();
    expect((await post({ prompt: "x".repeat(20_000) })).status).toBe(413);
  });
});
