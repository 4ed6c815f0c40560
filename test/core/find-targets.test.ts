// A bare model that only providers' own lists know, asked of the whole gateway.

import { expect, it } from "vitest";
import { createListingProvider } from "../support/listing-provider.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { createTestGateway } from "../support/test-gateway.ts";
import { keylessPrincipal } from "../support/principals.ts";

const messages = [{ role: "user", parts: [{ type: "text", text: "Hi" }] }] as const;

function begin() {
  const one = createListingProvider();
  const two = createListingProvider();
  const clock = createManualClock();
  const { gateway, ledger } = createTestGateway({ providers: { one, two }, clock });
  const ask = (model: string) => gateway.chat({ model, messages });
  return { one, two, clock, gateway, ledger, ask };
}

it("goes to the provider whose list has it; what is configured asks for no list", async () => {
  const { one, two, ask, ledger } = begin();
  await ask("auto");
  await ask("one/anything");
  expect([one.requests.length, two.requests.length]).toEqual([0, 0]);
  const asked = ask("fresh");
  one.requests[0]?.answer([{ id: "other" }]);
  two.requests[0]?.answer([{ id: "fresh" }]);
  await asked;
  expect(ledger.attempts.at(-1)).toMatchObject({ provider: "two", model: "fresh" });
});

it("does not wait for a provider that failed before, nor for a list that is merely old", async () => {
  const { one, two, clock, ask, ledger } = begin();
  const first = ask("fresh");
  one.requests[0]?.fail(new Error("down"));
  two.requests[0]?.answer([{ id: "fresh" }]);
  await first;
  clock.advance(600_000);
  await ask("fresh");
  expect(ledger.attempts).toHaveLength(2);
  // Both are asked again meanwhile.
  expect([one.requests.length, two.requests.length]).toEqual([2, 2]);
});

it("does not hold up a caller whose time is over", async () => {
  const { clock, gateway, ledger } = begin();
  const asked = gateway.chat({ model: "fresh", messages }, { timeoutMs: 50 });
  const outcome = expect(asked).rejects.toMatchObject({ code: "deadline_exceeded" });
  clock.advance(50);
  await outcome;
  expect(ledger.settled).toMatchObject([{ status: "failed", errorCode: "deadline_exceeded", attempts: 0 }]);
});

it("is refused where no list has it, with the names that are configured", async () => {
  const { one, two, ask } = begin();
  const asked = ask("ghost");
  one.requests[0]?.answer([]);
  two.requests[0]?.answer([]);
  await expect(asked).rejects.toMatchObject({
    code: "invalid_request",
    message:
      'model: "ghost" is no route and no model of a provider. Name one of: default, spare, auto, one/m, two/m.',
  });
});

it("a provider that the library adds serves at once, and its list counts too", async () => {
  const { one, two, gateway, ask, ledger } = begin();
  const mine = createListingProvider();
  gateway.addProvider("mine", mine, { models: ["special"] });
  await ask("special");
  await ask("mine/anything");
  const asked = ask("fresh");
  for (const { requests } of [one, two]) requests[0]?.answer([]);
  mine.requests[0]?.answer([{ id: "fresh" }]);
  await asked;
  expect(ledger.attempts.map(({ provider, model }) => `${provider}/${model}`)).toEqual([
    "mine/special",
    "mine/anything",
    "mine/fresh",
  ]);
  expect(gateway.settings.providers(keylessPrincipal)).toContainEqual(
    expect.objectContaining({ name: "mine", source: "library" }),
  );
});

it("takes no provider any more once it stops", async () => {
  const { gateway } = begin();
  await gateway.close();
  expect(() => gateway.addProvider("mine", createListingProvider())).toThrow(
    expect.objectContaining({ code: "unavailable" }),
  );
});
