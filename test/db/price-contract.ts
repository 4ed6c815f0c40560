// What every database does with the versions of prices.

import { expect, it } from "vitest";
import type { Price } from "../../src/core/pricing/price.ts";
import type { Database } from "../../src/db/database.ts";
import { attemptOf, newId, openedCall, principalOf, samplePrice } from "./sample-records.ts";

/** A price that no other test has used. */
const priceOf = (change: Partial<Price> = {}): Price => ({
  ...samplePrice,
  version: `list/${newId()}`,
  ...change,
});

const bare: Price = {
  version: "",
  inputPicos: 20_000n,
  outputPicos: undefined,
  cacheReadPicos: undefined,
  cacheWritePicos: undefined,
  cacheWriteLongPicos: undefined,
  inputAudioPicos: undefined,
  cacheReadAudioPicos: undefined,
  reasoningPicos: undefined,
  outputAudioPicos: undefined,
  outputMixed: undefined,
};

export function pricesAreKept(database: () => Database): void {
  const tenantId = `prices-${newId()}`;
  const tenant = principalOf(tenantId);
  const opened = () => openedCall({ tenantId });

  it("keeps what a version of a price stands for, by each of its prices, exactly", async () => {
    const { ledger, records } = database();
    const call = opened();
    const prices = [
      priceOf(),
      priceOf({ ...bare, version: `list/${newId()}` }),
      priceOf({ inputPicos: 2n ** 63n }),
    ];
    ledger.open(call);
    for (const [i, price] of prices.entries()) {
      ledger.attempt(attemptOf(call, { number: i + 1, priceVersion: price.version, price }));
    }
    const record = await records.request(tenant, call.id);
    expect(record?.attemptRecords.map(({ price }) => price)).toStrictEqual(prices);
  });

  it("gives each attempt of a page its own price, and none to one without a version", async () => {
    const { ledger, records } = database();
    const calls = [opened(), opened()];
    const [cheap, dear] = [priceOf({ inputPicos: 1n }), priceOf({ inputPicos: 2n })];
    const pricesOfCalls = [
      [cheap, dear],
      [undefined, cheap],
    ];
    for (const [i, call] of calls.entries()) {
      ledger.open(call);
      for (const [j, price] of (pricesOfCalls[i] ?? []).entries()) {
        ledger.attempt(attemptOf(call, { number: j + 1, priceVersion: price?.version, price }));
      }
    }
    const { records: page } = await records.requests(tenant, { first: 2, filter: {} });
    expect(page.toReversed().map((record) => record.attemptRecords.map(({ price }) => price))).toEqual(
      pricesOfCalls,
    );
  });

  it("keeps what a version stood for when it was first used", async () => {
    const { ledger, records } = database();
    const first = priceOf({ inputPicos: 5n });
    for (const price of [first, { ...first, inputPicos: 6n }]) {
      const call = opened();
      ledger.open(call);
      ledger.attempt(attemptOf(call, { priceVersion: price.version, price }));
      expect((await records.request(tenant, call.id))?.attemptRecords[0]?.price).toEqual(first);
    }
  });

  it("keeps a version beside a call that no database can take", async () => {
    const { ledger, records } = database();
    const price = priceOf();
    const [bad, good] = [opened(), opened()];
    ledger.open(bad);
    ledger.attempt(attemptOf(bad, { priceVersion: price.version, price, costNanos: 2n ** 70n }));
    ledger.open(good);
    ledger.attempt(attemptOf(good, { priceVersion: price.version, price }));
    expect((await records.request(tenant, good.id))?.attemptRecords[0]?.price).toEqual(price);
  });

  it("has no price for a version that was never told", async () => {
    const { ledger, records } = database();
    const call = opened();
    ledger.open(call);
    ledger.attempt(attemptOf(call, { priceVersion: `list/${newId()}`, price: undefined }));
    const [attempt] = (await records.request(tenant, call.id))?.attemptRecords ?? [];
    expect(attempt?.priceVersion).toMatch(/^list\//);
    expect(attempt?.price).toBeUndefined();
  });
}
