import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkWishes, isIdempotencyKey } from "../../src/core/check-wishes.ts";
import { checkResume } from "../../src/core/runs/check-resume.ts";
import { createScriptedProvider, textScript } from "../support/scripted-provider.ts";
import { createTestGateway } from "../support/test-gateway.ts";
import { refusalOf } from "../support/refusal-of.ts";

const request = { messages: [{ role: "user", parts: [{ type: "text", text: "Hello" }] }] } as const;

describe("what nobody can wish", () => {
  test.each([
    [{ cacheControl: { mode: "default", ttlSeconds: -1 } }, "cache.ttlSeconds"],
    [{ cacheControl: { mode: "default", ttlSeconds: 2_592_001 } }, "cache.ttlSeconds"],
    [{ cacheControl: { mode: "default", ttlSeconds: 0.5 } }, "cache.ttlSeconds"],
    [{ cacheControl: { mode: "default", ttlSeconds: Number.NaN } }, "cache.ttlSeconds"],
    [{ cacheControl: { mode: "no_cache", maxAgeSeconds: -1 } }, "cache.maxAgeSeconds"],
    [{ idempotencyKey: "" }, "idempotencyKey"],
    [{ idempotencyKey: "k".repeat(1_024) }, "idempotencyKey"],
    [{ idempotencyKey: "a\u0000b" }, "idempotencyKey"],
  ] as const)("%j", async (wishes, field) => {
    const { gateway, ledger } = createTestGateway({
      providers: { a: createScriptedProvider(textScript("Hi")) },
    });
    for (const asked of [gateway.chat(request, wishes), gateway.stream(request, wishes)]) {
      await expect(asked).rejects.toMatchObject({ code: "invalid_request", field });
    }
    expect(ledger.opened).toEqual([]);
  });
});

test.each([
  {},
  { cacheControl: { mode: "no_store" } },
  { cacheControl: { mode: "default", ttlSeconds: 0, maxAgeSeconds: 0 } },
  { cacheControl: { mode: "default", ttlSeconds: 2_592_000, maxAgeSeconds: 2_147_483_647 } },
  { idempotencyKey: "k".repeat(256) },
  { idempotencyKey: 'order 7 of "ann"' },
] as const)("what anybody can: %j", (wishes) => {
  expect(() => checkWishes(wishes)).not.toThrow();
});

test("a key is a key after a header's way too, and its refusal does not show it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      if (isIdempotencyKey(text))
        expect(new Headers({ "idempotency-key": text }).get("idempotency-key")).toBe(text);
      else {
        const { message } = refusalOf(() => checkWishes({ idempotencyKey: text }));
        expect(message).toMatch(/^idempotencyKey: must have 1 to 256 [ -~]+$/);
      }
    }),
  );
});

test("where no stream can be gone on with", () => {
  expect(refusalOf(() => checkResume("", 0))).toMatchObject({ field: "id" });
  expect(refusalOf(() => checkResume("a".repeat(65), 0))).toMatchObject({ field: "id" });
  for (const sequence of [-2, 0.5, Number.NaN, Infinity, 2 ** 53]) {
    expect(refusalOf(() => checkResume("a", sequence))).toMatchObject({ field: "afterSequence" });
  }
  expect(() => checkResume("a", -1)).not.toThrow();
  expect(() => checkResume("a", 2 ** 53 - 1)).not.toThrow();
});
