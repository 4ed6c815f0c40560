import { expect, it } from "vitest";
import { adaptersOf } from "../../src/core/adapters-of.ts";
import { configuredProvider } from "../support/listing-provider.ts";
import { createScriptedProvider } from "../support/scripted-provider.ts";
import { createTestGateway } from "../support/test-gateway.ts";

const [one, two] = [createScriptedProvider(), createScriptedProvider()];

it("a provider has an adapter for each of its keys", () => {
  const credentials = [
    { id: "key-1", adapter: one },
    { id: "key-2", adapter: two },
  ];
  expect(adaptersOf(configuredProvider(one))).toEqual([one]);
  expect(adaptersOf(configuredProvider(one, { credentials }))).toEqual([one, two]);
});

it("a gateway that closes closes them all", async () => {
  const closed: string[] = [];
  const credentials = ["key-1", "key-2"].map((id) => ({
    id,
    adapter: { ...one, close: () => Promise.resolve(void closed.push(id)) },
  }));
  const { gateway } = createTestGateway({ providers: { mine: one }, credentials: { mine: credentials } });
  await gateway.close();
  expect(closed).toEqual(["key-1", "key-2"]);
});
