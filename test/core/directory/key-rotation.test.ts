import { describe, expect, it } from "vitest";
import { principalOfRole } from "../../support/principals.ts";
import {
  administered,
  type Administered,
  fieldsOf,
  lastEntry,
  makeKey,
  makeTenant,
  nowMs,
  refusedWithoutChange,
} from "./administered.ts";

async function inAcme(): Promise<Administered> {
  const all = await administered();
  await makeTenant(all);
  return all;
}

const admin = principalOfRole("admin", "acme");

const rotate = (
  { administration }: Administered,
  id: string,
  given: { version: number; overlapSeconds: number },
) => administration.rotateApiKey(admin, id, given);

describe("a rotation", () => {
  it("gives a new secret, and the one before goes on for as long as was said", async () => {
    const all = await inAcme();
    const key = await makeKey(all);
    const before = await all.directory.keyById(key.id);
    const { apiKey, secret } = await rotate(all, key.id, { version: key.version, overlapSeconds: 3_600 });
    expect(apiKey).toMatchObject({ id: key.id, name: key.name, previousExpiresAtMs: nowMs + 3_600_000 });
    expect(apiKey.prefix).not.toBe(key.prefix);
    expect(secret.startsWith(apiKey.prefix)).toBe(true);
    const after = await all.directory.keyById(key.id);
    expect(after?.credential.previousHash).toEqual(before?.credential.hash);
    expect(after?.credential.hash).not.toEqual(before?.credential.hash);
    expect(await lastEntry(all)).toMatchObject({
      action: "api_key.rotate",
      before: { prefix: key.prefix },
      after: { prefix: apiKey.prefix, previousExpiresAtMs: nowMs + 3_600_000, secretChanged: true },
    });
    expect(JSON.stringify(await lastEntry(all))).not.toContain(secret);
  });

  it("a second time in the overlap drops the oldest", async () => {
    const all = await inAcme();
    const key = await makeKey(all);
    const hashes = [(await all.directory.keyById(key.id))?.credential.hash];
    let { version } = key;
    for (let i = 0; i < 2; i += 1) {
      ({
        apiKey: { version },
      } = await rotate(all, key.id, { version, overlapSeconds: 60 }));
      hashes.push((await all.directory.keyById(key.id))?.credential.hash);
    }
    const found = await all.directory.keyById(key.id);
    expect(found?.credential.previousHash).toEqual(hashes[1]);
    expect(await all.directory.keyByHash([hashes[0]?.hash ?? ""])).toBeUndefined();
    expect((await all.directory.keyByHash([hashes[1]?.hash ?? ""]))?.apiKey.id).toBe(key.id);
  });

  it("without an overlap ends the one before at once", async () => {
    const all = await inAcme();
    const key = await makeKey(all);
    const before = await all.directory.keyById(key.id);
    const { apiKey } = await rotate(all, key.id, { version: key.version, overlapSeconds: 0 });
    expect(apiKey.previousExpiresAtMs).toBeUndefined();
    expect(await all.directory.keyByHash([before?.credential.hash?.hash ?? ""])).toBeUndefined();
  });

  it.each([-1, 0.5, 2_592_001, Number.NaN])(
    "with an overlap of %s seconds is refused",
    async (overlapSeconds) => {
      const all = await inAcme();
      const { id, version } = await makeKey(all);
      const rotated = () => rotate(all, id, { version, overlapSeconds });
      expect(fieldsOf(await refusedWithoutChange(all, rotated))).toEqual(["overlapSeconds"]);
    },
  );
});
