import { expect, it } from "vitest";
import { createModelLists } from "../../src/core/model-lists.ts";
import type { Price } from "../../src/core/pricing/price.ts";
import { automaticRoute } from "../../src/core/routing/automatic-route.ts";
import { TargetStates } from "../../src/core/routing/targets/target-states.ts";
import { createSettings } from "../../src/core/settings.ts";
import type { ConfiguredProvider, Snapshot } from "../../src/core/snapshot.ts";
import { configuredProvider, createListingProvider } from "../support/listing-provider.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { noChanges } from "../support/no-changes.ts";
import { createScriptedProvider } from "../support/scripted-provider.ts";
import { keylessPrincipal } from "../support/principals.ts";

const principal = keylessPrincipal;
const price = (version: string): Price => ({ version, inputPicos: 1n, outputPicos: 2n });

function begin(...providers: readonly ConfiguredProvider[]) {
  const clock = createManualClock();
  const looked: string[] = [];
  const snapshot: Snapshot = {
    version: 1,
    providers: new Map(providers.map((provider) => [provider.name, provider])),
    routes: new Map([["default", automaticRoute(providers)]]),
    useCases: new Map(),
    loggingPolicy: "none",
    prices: { find: () => undefined },
    modelTable: {
      find({ kind, model }) {
        looked.push(model);
        return kind === "known"
          ? {
              price: price("table"),
              contextTokens: 1,
              maxOutputTokens: 7,
              capabilities: { tools: true, vision: true },
            }
          : undefined;
      },
    },
  };
  const modelLists = createModelLists(clock);
  const states = new TargetStates(clock);
  const settings = createSettings({
    snapshot: () => snapshot,
    modelLists,
    clock,
    states,
    changes: noChanges,
  });
  return { clock, settings, modelLists, looked };
}

it("models are routes and auto, then each provider's configured and then its listed ones, none twice", async () => {
  const listing = createListingProvider();
  const { settings } = begin(
    configuredProvider(listing, { name: "one", models: ["b"] }),
    configuredProvider(createScriptedProvider(), { name: "two", models: ["x"] }),
  );
  const asked = settings.models(principal);
  listing.requests[0]?.answer([{ id: "a" }, { id: "b", displayName: "Bee" }]);
  const models = await asked;
  expect(models.map(({ id }) => id)).toEqual(["default", "auto", "one/b", "one/a", "two/x"]);
  expect(models[2]).toMatchObject({ provider: "one", model: "b", displayName: "Bee" });
});

it("the provider's own word goes over the table's, but for the price that calls are accounted with", async () => {
  const listing = createListingProvider();
  const { settings } = begin(configuredProvider(listing, { kind: "known", models: ["a"] }));
  const asked = settings.models(principal);
  listing.requests[0]?.answer([
    { id: "a", contextTokens: 5, price: price("listed"), capabilities: { vision: false, reasoning: true } },
  ]);
  expect((await asked).at(-1)).toMatchObject({
    contextTokens: 5,
    maxOutputTokens: 7,
    price: { version: "table" },
    capabilities: { tools: true, vision: false, reasoning: true },
  });
});

it("the listed price is told where the table has none", async () => {
  const listing = createListingProvider();
  const { settings } = begin(configuredProvider(listing));
  const asked = settings.models(principal);
  listing.requests[0]?.answer([{ id: "a", price: price("listed") }]);
  expect((await asked).at(-1)).toMatchObject({ id: "mine/a", price: { version: "listed" } });
});

it("all providers are asked at once; one that does not answer adds what is configured", async () => {
  const slow = createListingProvider();
  const quick = createListingProvider();
  const answering = configuredProvider(quick, { name: "quick" });
  const { clock, settings, modelLists } = begin(
    configuredProvider(slow, { name: "slow", models: ["s"] }),
    answering,
  );
  const asked = settings.models(principal);
  expect([slow.requests.length, quick.requests.length]).toEqual([1, 1]);
  quick.requests[0]?.answer([{ id: "q" }]);
  await modelLists.of(answering);
  clock.advance(5_000);
  expect((await asked).map(({ id }) => id)).toEqual(["default", "auto", "slow/s", "quick/q"]);
});

it("facts are looked up once for a list, and again after a quarter of an hour", async () => {
  const listing = createListingProvider();
  const { clock, settings, looked } = begin(configuredProvider(listing));
  const first = settings.models(principal);
  listing.requests[0]?.answer([{ id: "a" }]);
  await first;
  await settings.models(principal);
  expect(looked).toEqual(["a"]);
  clock.advance(900_000);
  const third = settings.models(principal);
  listing.requests[1]?.fail(new Error("down"));
  await third;
  expect(looked).toEqual(["a", "a"]);
});
