import { expect, it } from "vitest";
import { createTryLimit } from "../../../src/identity/sessions/try-limit.ts";
import { createManualClock } from "../../support/manual-clock.ts";

it("whoever succeeds, or was not heard, takes no room from those who have failed", () => {
  const tries = createTryLimit({ clock: createManualClock(), limit: 1, windowMs: 60_000, max: 3 });
  expect(tries.begin("ada")).toMatchObject({ allowed: true });
  for (let i = 0; i < 10; i += 1) {
    const tried = tries.begin(`somebody ${i}`);
    if (tried.allowed) tried.succeeded();
  }
  expect(tries.begin("ada")).toEqual({ allowed: false, retryAfterMs: 60_000 });
});

it("of several at the same moment each is taken back by itself", () => {
  const tries = createTryLimit({ clock: createManualClock(), limit: 2, windowMs: 60_000 });
  const [one, other] = [tries.begin("ada"), tries.begin("ada")];
  expect(tries.begin("ada").allowed).toBe(false);
  if (one.allowed) one.succeeded();
  expect(tries.begin("ada").allowed).toBe(true);
  expect(tries.begin("ada").allowed).toBe(false);
  if (other.allowed) other.succeeded();
  expect(tries.begin("ada").allowed).toBe(true);
});
