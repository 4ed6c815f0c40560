// What is held in memory does not grow with what is sent.

import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { formatApiKey } from "../../../src/identity/api-key-format.ts";
import { KeyLookup } from "../../../src/identity/keys/key-lookup.ts";
import { createKeyRing } from "../../../src/config/secret/key-ring.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { secretOf, startedFixture } from "../directory-fixture.ts";

const bytes = randomBytes(32);
/** One after the other, so that none is like another. */
const randomKey = (i: number) => {
  bytes.writeUInt32BE(i);
  return formatApiKey("live", bytes);
};

test("a hundred thousand random keys from many networks leave maps of a constant size", async () => {
  const { store } = await startedFixture();
  const lookup = new KeyLookup({
    store: { ...store, keyByHash: async () => undefined },
    keys: createKeyRing(secretOf("a secret of the server, thirty-two bytes"), "api-key-hash"),
    clock: createManualClock(),
    hasApiKeys: () => true,
    reportFault: () => expect.unreachable(),
  });
  const find = (n: number) =>
    lookup.find({
      // Every tenth is well-formed, and has to be looked up.
      credential: n % 10 === 0 ? randomKey(n) : `slc_live_${n}`,
      digest: `digest-${n}`,
      address: `10.${n % 200}.${Math.floor(n / 200) % 100}.7`,
    });
  for (let round = 0; round < 100; round += 1) {
    const tries = Array.from({ length: 1_000 }, (_, i) => find(round * 1_000 + i));
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    const { nobodys, underWay, addresses } = lookup.sizes();
    expect(Math.max(nobodys, addresses)).toBeLessThanOrEqual(10_000);
    expect(underWay).toBe(0);
  }
  expect(lookup.sizes()).toEqual({ held: 0, nobodys: 10_000, underWay: 0, addresses: 10_000 });
});

test("more at a moment than are looked up are refused, and leave nothing", async () => {
  const { authenticate, hold, keys, makeKey } = await startedFixture();
  const { secret } = await makeKey();
  await authenticate(secret);
  const answer = hold();
  const tries = Array.from({ length: 3_000 }, (_, i) =>
    authenticate(randomKey(i), { remoteAddress: `10.0.${i % 250}.${Math.floor(i / 250)}` }),
  );
  await expect.poll(() => keys.sizes().underWay).toBe(2_000);
  // Whoever is known is served all the same.
  await authenticate(secret);
  answer();
  const codes = (await Promise.allSettled(tries)).map(
    (each) => each.status === "rejected" && each.reason.code,
  );
  expect(codes.filter((code) => code === "overloaded")).toHaveLength(1_000);
  expect(codes.filter((code) => code === "unauthenticated")).toHaveLength(2_000);
  expect(keys.sizes()).toMatchObject({ held: 1, nobodys: 2_000, underWay: 0 });
});

test("more good keys than are held push out those that were not used for the longest time", async () => {
  const { store, makeKey, database } = await startedFixture();
  const { id, hash } = await makeKey();
  const found = await database.keyById(id);
  let asked = 0;
  const ring = createKeyRing(secretOf("a secret of the server, thirty-two bytes"), "api-key-hash");
  const lookup = new KeyLookup({
    // Each is in the directory.
    store: {
      ...store,
      async keyByHash([first = ""]) {
        asked += 1;
        return found && { ...found, credential: { ...found.credential, hash: { ...hash, hash: first } } };
      },
    },
    keys: ring,
    clock: createManualClock(),
    hasApiKeys: () => true,
    reportFault: () => expect.unreachable(),
  });
  const find = (n: number) =>
    lookup.find({ credential: randomKey(n), digest: `digest-${n}`, address: undefined });
  for (let n = 0; n < 10_000; n += 1) await find(n);
  expect(lookup.sizes().held).toBe(10_000);
  expect(lookup.held("digest-0")).toBeDefined();
  await find(10_000);
  expect(lookup.sizes()).toMatchObject({ held: 10_000, nobodys: 0, underWay: 0 });
  expect(lookup.held("digest-0")).toBeDefined();
  expect(lookup.held("digest-1")).toBeUndefined();
  expect(asked).toBe(10_001);
});
