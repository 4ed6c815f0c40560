import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addLimitHeaders, durationText, limitHeaderNames } from "../../src/api/limit-headers.ts";
import type { ReplyLimits } from "../../src/core/limits/reply-limits.ts";

function headersOf(limits: ReplyLimits | undefined, retryAfterMs?: number): Record<string, string> {
  const headers: Record<string, string> = {};
  addLimitHeaders(headers, { limits, retryAfterMs });
  return headers;
}

const requests = { limit: 600, remaining: 599, resetMs: 100 };
const tokens = { limit: 50_000, remaining: 31_250, resetMs: 22_500 };

describe("headers of limits", () => {
  it("tell what is left in the standard's form and in OpenAI's", () => {
    expect(headersOf({ requests, tokens })).toEqual({
      ratelimit: '"requests";r=599;t=1, "tokens";r=31250;t=23',
      "ratelimit-policy": '"requests";q=600;w=60, "tokens";q=50000;w=60;qu="tokens"',
      "x-ratelimit-limit-requests": "600",
      "x-ratelimit-limit-tokens": "50000",
      "x-ratelimit-remaining-requests": "599",
      "x-ratelimit-remaining-tokens": "31250",
      "x-ratelimit-reset-requests": "100ms",
      "x-ratelimit-reset-tokens": "22.5s",
    });
  });

  it("tell of a refusal when to come again, and of no longer time in which nothing is left", () => {
    const empty = { limit: 600, remaining: 0, resetMs: 60_000 };
    expect(headersOf({ requests: empty }, 100)).toMatchObject({
      "retry-after": "1",
      ratelimit: '"requests";r=0;t=1',
      "x-ratelimit-reset-requests": "1m0s",
    });
    expect(headersOf({ tokens: { ...tokens, remaining: -2_000 } }, 4_000)).toMatchObject({
      ratelimit: '"tokens";r=0;t=4',
      "x-ratelimit-remaining-tokens": "0",
    });
  });

  it("tell nothing of what has no limit", () => {
    expect(headersOf(undefined)).toEqual({});
    expect(headersOf({})).toEqual({});
    expect(headersOf(undefined, 1_500)).toEqual({ "retry-after": "2" });
    expect(Object.keys(headersOf({ requests }))).not.toContain("x-ratelimit-limit-tokens");
    expect(headersOf({ tokens })["ratelimit-policy"]).toBe('"tokens";q=50000;w=60;qu="tokens"');
  });

  it("have the names that pages may read, and values that a structured field may have", () => {
    const state = fc.record({
      limit: fc.integer({ min: 1, max: 999_999_999_999_999 }),
      remaining: fc.integer({ min: -1e9, max: 999_999_999_999_999 }),
      resetMs: fc.integer({ min: 0, max: 1e9 }),
    });
    const limits = fc.record({ requests: state, tokens: state }, { requiredKeys: [] });
    // RFC 9651: a list of strings with parameters, whose integers have at most 15 digits.
    const item = '"[a-z]+"(;[a-z]+=(\\d{1,15}|"[a-z]+"))+';
    const list = new RegExp(`^${item}(, ${item})*$`);
    fc.assert(
      fc.property(
        limits,
        fc.option(fc.integer({ min: 1, max: 1e9 }), { nil: undefined }),
        (limits, retryAfterMs) => {
          const { "retry-after": _, ...headers } = headersOf(limits, retryAfterMs);
          for (const [name, value] of Object.entries(headers)) {
            expect(limitHeaderNames).toContain(name);
            if (name.startsWith("ratelimit")) expect(value).toMatch(list);
            else expect(value).toMatch(/^\d+$|^(\d+h)?(\d+m)?\d+(\.\d)?s$|^\d+ms$/);
          }
        },
      ),
    );
  });

  it.each([
    [0, "0ms"],
    [12.1, "13ms"],
    [999, "999ms"],
    [1_000, "1s"],
    [1_001, "1.1s"],
    [8_640, "8.7s"],
    [59_950, "1m0s"],
    [360_000, "6m0s"],
    [3_600_000, "1h0m0s"],
    [90_061_000, "25h1m1s"],
  ])("write %d ms as %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});
