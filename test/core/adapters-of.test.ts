import { expect, it } from "vitest";
import { adaptersOf } from "../../src/core/adapters-of.ts";
import { configuredProvider } from "../support/listing-provider.ts";
import { createScriptedProvider } from "../support/scripted-provider.ts";

const [one, two] = [createScriptedProvider(), createScriptedProvider()];

it("a provider has an adapter for each of its keys", () => {
  const credentials = [
    { id: "key-1", adapter: one },
    { id: "key-2", adapter: two },
  ];
  expect(adaptersOf(configuredProvider(one))).toEqual([one]);
  expect(adaptersOf(configuredProvider(one, { credentials }))).toEqual([one, two]);
});
