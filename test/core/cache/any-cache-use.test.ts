// Whatever is said of the cache: precedence, the operator's switch, and what callers ask.

import fc from "fast-check";
import { expect, it } from "vitest";
import type { CacheMode } from "../../../src/core/cache/cache-policy.ts";
import type { CacheControl } from "../../../src/core/call.ts";
import { useOf, type Said } from "./cache-question.ts";

const anyMode = fc.constantFrom<CacheMode>("deterministic", "all", "off");
const anyTtl = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2_592_000 }));
const maybe = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(some, { nil: undefined });
const anyPolicy = fc.record({ mode: maybe(anyMode), ttlSeconds: maybe(anyTtl) });
const anyControl = fc.record<CacheControl>({
  mode: fc.constantFrom("default", "no_cache", "no_store", "only_if_cached"),
  ttlSeconds: maybe(anyTtl),
  maxAgeSeconds: maybe(anyTtl),
});
const anySaid = fc.record({
  gateway: fc.option(fc.record({ mode: anyMode, ttlSeconds: anyTtl })),
  useCase: maybe(anyPolicy),
  route: maybe(
    fc.record({ mode: maybe(anyMode), ttlSeconds: maybe(anyTtl), staleIfErrorSeconds: maybe(anyTtl) }),
  ),
  tenantTtlSeconds: maybe(anyTtl),
  call: maybe(anyControl),
  deterministic: fc.boolean(),
}) satisfies fc.Arbitrary<Said>;

/** What is said nearer decides, whatever the others say. */
const sameFor = (narrow: Partial<Said>, one: Said, other: Said): void =>
  expect(useOf({ ...one, ...narrow })).toEqual(useOf({ ...other, ...narrow }));

it("a call that wants none but a kept answer asks no provider, and only such a call", () => {
  fc.assert(
    fc.property(anySaid, (said) => {
      const use = useOf(said);
      expect(use?.onlyCached ?? false).toBe(said.call?.mode === "only_if_cached");
      if (use?.onlyCached === true) expect(use.keepSeconds).toBe(0);
    }),
  );
});

it("what neither reads nor keeps is no part, and the gateway's `off` is final", () => {
  fc.assert(
    fc.property(anySaid, (said) => {
      const use = useOf(said);
      const isOff = (said.gateway?.mode ?? "off") === "off" || said.call?.mode === "no_store";
      if (use === undefined || use.onlyCached) {
        if (isOff) expect(use?.read ?? false).toBe(false);
        return;
      }
      expect(isOff).toBe(false);
      expect(use.read || use.keepSeconds > 0).toBe(true);
    }),
  );
});

it("answers are kept for a time that somebody said, and read where a fresh one is not wanted", () => {
  fc.assert(
    fc.property(anySaid, (said) => {
      const use = useOf(said);
      if (use === undefined || use.onlyCached) return;
      const { gateway, useCase, route, tenantTtlSeconds, call } = said;
      const times = [
        call?.ttlSeconds,
        useCase?.ttlSeconds,
        route?.ttlSeconds,
        tenantTtlSeconds,
        gateway?.ttlSeconds,
      ];
      expect(use.keepSeconds).toBe(times.find((time) => time !== undefined));
      expect(use.read).toBe(call?.mode !== "no_cache" && call?.maxAgeSeconds !== 0);
      expect(use.staleSeconds).toBe(route?.staleIfErrorSeconds ?? 0);
    }),
  );
});

it("a time is the nearest's that says one", () => {
  const gateway = fc.record({ mode: fc.constantFrom("deterministic", "all"), ttlSeconds: anyTtl });
  fc.assert(
    fc.property(anySaid, gateway, anyTtl, anyTtl, anyTtl, (said, same, one, other, near) => {
      const mode = said.useCase?.mode;
      const timed = (ttlSeconds: number) => ({ ...said, useCase: { mode, ttlSeconds } });
      const asking = { mode: said.call?.mode ?? "default", ttlSeconds: near } as const;
      sameFor({ gateway: same, call: asking }, timed(one), timed(other));
      const call = said.call && { ...said.call, ttlSeconds: undefined };
      const ofTenant = (tenantTtlSeconds: number) => ({ ...timed(near), tenantTtlSeconds });
      sameFor({ gateway: same, call }, ofTenant(one), ofTenant(other));
    }),
  );
});

it("of modes the use case's comes first, then the route's", () => {
  fc.assert(
    fc.property(anySaid, anyMode, anyMode, anyMode, (said, near, one, other) => {
      const { ttlSeconds, staleIfErrorSeconds } = said.route ?? {};
      const route = (mode: CacheMode) => ({ mode, ttlSeconds, staleIfErrorSeconds });
      const useCase = { ttlSeconds: said.useCase?.ttlSeconds, mode: near };
      sameFor({ useCase }, { ...said, route: route(one) }, { ...said, route: route(other) });
    }),
  );
});

it("by `deterministic` nothing is kept of what is not, unless its caller asks", () => {
  fc.assert(
    fc.property(anySaid, (said) => {
      const call = { mode: said.call?.mode ?? "default", maxAgeSeconds: said.call?.maxAgeSeconds };
      const useCase = { ...said.useCase, mode: "deterministic" as const };
      const use = useOf({ ...said, useCase, call, deterministic: false });
      expect(use).toEqual(
        call.mode === "only_if_cached" ? expect.objectContaining({ keepSeconds: 0 }) : undefined,
      );
    }),
  );
});
