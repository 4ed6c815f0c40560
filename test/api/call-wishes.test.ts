// What headers and messages wish of a call, and which of the two counts.

import { describe, expect, test } from "vitest";
import { withoutWishes, withWishes } from "../../src/api/call-wishes.ts";
import { type Connection, readCaller } from "../../src/api/caller.ts";
import { keylessPrincipal } from "../support/principals.ts";
import { openAccess } from "../support/test-gateway.ts";
import { refusalOf } from "../support/refusal-of.ts";

const read = (headers: Readonly<Record<string, string>>, more: Partial<Connection> = {}) =>
  readCaller(openAccess, { header: (name) => headers[name], remoteAddress: "127.0.0.1", ...more });

const sent = (...keys: readonly string[]) =>
  read({ "idempotency-key": keys.join(", ") }, { headerValues: () => keys });

describe("headers", () => {
  test.each([
    [{}, { cacheControl: undefined, idempotencyKey: undefined, resumable: undefined }],
    [{ "cache-control": "max-stale" }, { cacheControl: undefined }],
    [{ "cache-control": "no-cache" }, { cacheControl: { mode: "no_cache" } }],
    [{ "x-sluice-cache-ttl": "0" }, { cacheControl: { mode: "default", ttlSeconds: 0 } }],
    [
      { "cache-control": "no-cache, max-age=3", "x-sluice-cache-ttl": "2592000" },
      { cacheControl: { mode: "no_cache", maxAgeSeconds: 3, ttlSeconds: 2_592_000 } },
    ],
    [{ "x-sluice-resumable": "1" }, { resumable: true }],
    [{ "x-sluice-resumable": "0" }, { resumable: false }],
    [{ "x-sluice-resumable": "" }, { resumable: undefined }],
    [{ "idempotency-key": "order 7" }, { idempotencyKey: "order 7" }],
    [{ "idempotency-key": "" }, { idempotencyKey: undefined }],
  ])("%j", async (headers, caller) => expect(await read(headers)).toMatchObject(caller));

  test.each([
    ["x-sluice-cache-ttl", "2592001"],
    ["x-sluice-cache-ttl", "-1"],
    ["x-sluice-cache-ttl", "1.5"],
    ["x-sluice-cache-ttl", ""],
    ["x-sluice-cache-ttl", "an hour"],
    ["x-sluice-resumable", "true"],
    ["cache-control", "max-age=abc"],
    ["idempotency-key", "k".repeat(257)],
    ["idempotency-key", "k".repeat(1_024)],
    ["idempotency-key", "a\u0001b"],
    ["idempotency-key", "a\u007fb"],
    ["idempotency-key", "\u00e9"],
  ])("refused: %s: %j", async (name, value) => {
    const refused = await read({ [name]: value }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "invalid_request", field: name });
    if (value.length > 3) expect(String(refused)).not.toContain(value);
  });

  test("two keys are none, one that was sent twice is one", async () => {
    await expect(sent("a", "b")).rejects.toMatchObject({ field: "idempotency-key" });
    expect(await sent("a", "a")).toMatchObject({ idempotencyKey: "a" });
    expect(await sent("a, b")).toMatchObject({ idempotencyKey: "a, b" });
  });
});

const principal = keylessPrincipal;

describe("a message over headers", () => {
  const headers = {
    principal,
    cacheControl: { mode: "no_cache", ttlSeconds: 60, maxAgeSeconds: 5 },
    idempotencyKey: "k",
    resumable: true,
  } as const;

  test("what it leaves out, the headers say", () => {
    expect(withWishes(headers, {})).toBe(headers);
    expect(withWishes(headers, { cache: { ttlSeconds: 0 } })).toEqual({
      ...headers,
      cacheControl: { mode: "no_cache", ttlSeconds: 0, maxAgeSeconds: 5 },
    });
    expect(withWishes(headers, { cache: { mode: "default", maxAgeSeconds: 9 }, resumable: false })).toEqual({
      ...headers,
      cacheControl: { mode: "default", ttlSeconds: 60, maxAgeSeconds: 9 },
      resumable: false,
    });
  });

  test("without headers it is all that is said", () => {
    const wishes = { cache: { maxAgeSeconds: 1 }, idempotencyKey: "m", resumable: true };
    expect(withWishes({ principal }, wishes)).toEqual({
      principal,
      cacheControl: { mode: "default", ttlSeconds: undefined, maxAgeSeconds: 1 },
      idempotencyKey: "m",
      resumable: true,
    });
  });

  test("two keys are refused, the same one twice is not", () => {
    expect(withWishes(headers, { idempotencyKey: "k" })).toMatchObject({ idempotencyKey: "k" });
    expect(refusalOf(() => withWishes(headers, { idempotencyKey: "other" }))).toMatchObject({
      code: "invalid_request",
      field: "idempotencyKey",
    });
  });

  test("headers of a connection wish nothing of its calls", () => {
    expect(withoutWishes(headers)).toEqual({
      principal,
      cacheControl: undefined,
      idempotencyKey: undefined,
      resumable: undefined,
    });
  });
});
