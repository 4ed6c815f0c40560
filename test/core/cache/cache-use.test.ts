import { describe, expect, it, test } from "vitest";
import { type CacheUse, cacheUseOf } from "../../../src/core/cache/cache-use.ts";
import type { CacheControl } from "../../../src/core/call.ts";
import { asked, useOf, type Said } from "./cache-question.ts";

const kept = (keepSeconds: number, over: Partial<CacheUse> = {}): CacheUse => ({
  read: true,
  onlyCached: false,
  keepSeconds,
  maxAgeSeconds: undefined,
  staleSeconds: 0,
  ...over,
});
const onlyRead = kept(0, { onlyCached: true });
const miss = kept(0, { onlyCached: true, read: false });

const off = { mode: "off", ttlSeconds: 3_600 } as const;
const all = { mode: "all", ttlSeconds: 3_600 } as const;
const ofCaller = (over: Partial<CacheControl>): CacheControl => ({ mode: "default", ...over });
const onlyIfCached = ofCaller({ mode: "only_if_cached" });
const noCache = ofCaller({ mode: "no_cache" });
const noStore = ofCaller({ mode: "no_store" });

describe("the cache's part in a call", () => {
  test.each<[string, Said, CacheUse | undefined]>([
    ["of which nobody says anything", {}, kept(3_600)],
    ["whose answer is not fixed", { deterministic: false }, undefined],
    ["whose answer is not fixed, where all are kept", { deterministic: false, gateway: all }, kept(3_600)],
    ["where the gateway has no cache", { gateway: null }, undefined],
    [
      "where the gateway has none, and none but a kept one is wanted",
      { gateway: null, call: onlyIfCached },
      miss,
    ],
    ["where the gateway's is off", { gateway: off }, undefined],
    [
      "where the gateway's is off, whatever others say",
      {
        gateway: off,
        useCase: { mode: "all", ttlSeconds: 1 },
        route: { mode: "all", ttlSeconds: 1, staleIfErrorSeconds: 1 },
        tenantTtlSeconds: 1,
        call: ofCaller({ ttlSeconds: 1 }),
      },
      undefined,
    ],
    [
      "where the gateway's is off, and none but a kept one is wanted",
      { gateway: off, call: onlyIfCached },
      miss,
    ],

    ["by its route's mode", { route: { mode: "all" }, deterministic: false }, kept(3_600)],
    [
      "by its use case's mode before its route's",
      { useCase: { mode: "off" }, route: { mode: "all" } },
      undefined,
    ],
    [
      "by its use case's mode where its route's is off",
      { useCase: { mode: "all" }, route: { mode: "off" } },
      kept(3_600),
    ],
    [
      "whose route's is off, though it asks",
      { route: { mode: "off" }, call: ofCaller({ ttlSeconds: 9 }) },
      undefined,
    ],
    [
      "whose route's is off, and none but a kept one is wanted",
      { route: { mode: "off" }, call: onlyIfCached },
      miss,
    ],
    [
      "by a narrower mode of its route",
      { gateway: all, route: { mode: "deterministic" }, deterministic: false },
      undefined,
    ],

    [
      "for the call's time",
      {
        call: ofCaller({ ttlSeconds: 1 }),
        useCase: { ttlSeconds: 2 },
        route: { ttlSeconds: 3 },
        tenantTtlSeconds: 4,
      },
      kept(1),
    ],
    [
      "for its use case's time",
      { useCase: { ttlSeconds: 2 }, route: { ttlSeconds: 3 }, tenantTtlSeconds: 4 },
      kept(2),
    ],
    ["for its route's time", { useCase: {}, route: { ttlSeconds: 3 }, tenantTtlSeconds: 4 }, kept(3)],
    ["for its tenant's time", { useCase: {}, route: {}, tenantTtlSeconds: 4 }, kept(4)],
    ["that asks for it by a time", { deterministic: false, call: ofCaller({ ttlSeconds: 60 }) }, kept(60)],
    ["that asks for none by the time 0", { call: ofCaller({ ttlSeconds: 0 }) }, kept(0)],
    [
      "that is not fixed and says the time 0",
      { deterministic: false, call: ofCaller({ ttlSeconds: 0 }) },
      undefined,
    ],
    ["whose tenant keeps none", { tenantTtlSeconds: 0 }, undefined],
    [
      "whose tenant keeps none, and which asks",
      { tenantTtlSeconds: 0, call: ofCaller({ ttlSeconds: 5 }) },
      kept(5),
    ],
    [
      "whose route keeps some though its tenant keeps none",
      { tenantTtlSeconds: 0, route: { ttlSeconds: 7 } },
      kept(7),
    ],
    ["where the gateway's time is 0", { gateway: { mode: "all", ttlSeconds: 0 } }, undefined],
    [
      "whose use case's time is 0, and none but a kept one is wanted",
      { useCase: { ttlSeconds: 0 }, call: onlyIfCached },
      miss,
    ],

    ["that wants a fresh answer", { call: noCache }, kept(3_600, { read: false })],
    [
      "that wants a fresh answer, and asks for it to be kept",
      { deterministic: false, call: ofCaller({ mode: "no_cache", ttlSeconds: 9 }) },
      kept(9, { read: false }),
    ],
    [
      "that wants a fresh answer which is not kept",
      { call: ofCaller({ mode: "no_cache", ttlSeconds: 0 }) },
      undefined,
    ],
    ["that wants nothing of it", { call: noStore }, undefined],
    [
      "that wants nothing of it, with a time",
      { call: ofCaller({ mode: "no_store", ttlSeconds: 9 }) },
      undefined,
    ],
    ["that wants none but a kept one", { call: onlyIfCached }, onlyRead],
    [
      "that wants none but a kept one, and is not fixed",
      { call: onlyIfCached, deterministic: false },
      onlyRead,
    ],
    [
      "that wants none but a kept one, which it asks for",
      { call: ofCaller({ mode: "only_if_cached", ttlSeconds: 9 }), deterministic: false },
      onlyRead,
    ],
    ["that wants a young one", { call: ofCaller({ maxAgeSeconds: 10 }) }, kept(3_600, { maxAgeSeconds: 10 })],
    [
      "that wants one of no age",
      { call: ofCaller({ maxAgeSeconds: 0 }) },
      kept(3_600, { read: false, maxAgeSeconds: 0 }),
    ],
    [
      "that wants none but one of no age",
      { call: ofCaller({ mode: "only_if_cached", maxAgeSeconds: 0 }) },
      miss,
    ],
    [
      "that wants one of no age, not kept",
      { call: ofCaller({ maxAgeSeconds: 0, ttlSeconds: 0 }) },
      undefined,
    ],
    [
      "whose route serves late ones",
      { route: { staleIfErrorSeconds: 600 } },
      kept(3_600, { staleSeconds: 600 }),
    ],
  ])("%s", (_, said, expected) => expect(useOf(said)).toEqual(expected));

  it("is the gateway's and its tenant's to say where it has no use case that is known, and no route", () => {
    const question = asked({ useCase: { mode: "off" }, route: { mode: "off" }, tenantTtlSeconds: 5 });
    for (const useCase of [undefined, "unknown", "__proto__"]) {
      expect(cacheUseOf({ ...question, useCase, route: undefined })).toEqual(kept(5));
    }
  });
});
