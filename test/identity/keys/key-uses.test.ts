import { expect, test } from "vitest";
import { startedFixture } from "../directory-fixture.ts";

test("a key's last use is written once a minute, and what is left at the end", async () => {
  const { makeKey, authenticate, clock, database, keys, asked } = await startedFixture();
  const [a, b] = [await makeKey(), await makeKey()];
  const usedAt = async (id: string) => (await database.keyById(id))?.apiKey.lastUsedAtMs;
  for (let i = 0; i < 5; i += 1) await authenticate(a.secret);
  clock.advance(30_000);
  const lastAtMs = clock.epochMs();
  await authenticate(a.secret);
  expect(asked.touchKeys).toBeUndefined();
  clock.advance(30_000);
  expect(asked.touchKeys).toBe(1);
  await expect.poll(() => usedAt(a.id)).toBe(lastAtMs);
  clock.advance(600_000);
  expect(asked.touchKeys).toBe(1);
  await authenticate(b.secret);
  await keys.close();
  expect(asked.touchKeys).toBe(2);
  expect(await usedAt(b.id)).toBe(clock.epochMs());
  expect(await usedAt(a.id)).toBe(lastAtMs);
  await authenticate(b.secret);
  await keys.close();
  expect(asked.touchKeys).toBe(2);
});

test("both secrets of a rotated key are one key, and the later use counts", async () => {
  const { makeKey, changeKey, newApiKey, authenticate, clock, database, keys } = await startedFixture();
  const { id, secret, hash } = await makeKey();
  const next = newApiKey("live");
  const rotated = { hash: next.hash, previousHash: hash, bcryptHash: undefined };
  await changeKey(id, { previousExpiresAtMs: clock.epochMs() + 60_000 }, rotated);
  await authenticate(next.secret);
  clock.advance(5);
  await authenticate(secret);
  const lastAtMs = clock.epochMs();
  await keys.close();
  expect((await database.keyById(id))?.apiKey.lastUsedAtMs).toBe(lastAtMs);
});

test("a refused key is not used; what cannot be written is told to the log and holds nobody up", async () => {
  const { makeKey, authenticate, clock, keys, fail, faults, asked } = await startedFixture();
  const refused = await makeKey({ active: false });
  await expect(authenticate(refused.secret)).rejects.toMatchObject({ reason: "inactive" });
  clock.advance(60_000);
  expect(asked.touchKeys).toBeUndefined();
  await authenticate((await makeKey()).secret);
  fail(new Error("away"));
  await keys.close();
  expect(faults).toEqual([new Error("away")]);
});
