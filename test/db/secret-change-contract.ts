// What the audit trail proves when the server's secret is changed, and what somebody who has no key makes of it.

import { expect, it } from "vitest";
import { platformTrail } from "../../src/core/directory/audit.ts";
import type { AuditKey } from "../../src/core/directory/secrets.ts";
import type { AuditFixture } from "./audit-contract.ts";
import { currentAuditKey, newSlug, nextAuditKey, noteEntries, previousAuditKey } from "./sample-directory.ts";
import type { TamperingFixture } from "./tampering-contract.ts";

type SecretChangeFixture = TamperingFixture & Pick<AuditFixture, "withKeys">;

const [A, B, C] = [previousAuditKey, currentAuditKey, nextAuditKey];

const changed = (sequence: number) => new RegExp(`^Entry ${sequence} is not as it was written`);

export function secretsAreChanged({ store, run, removeGuards, withKeys }: SecretChangeFixture): void {
  const noted = (keys: readonly AuditKey[], tenantId: string, count: number) =>
    withKeys(keys, () => noteEntries(store(), tenantId, count));
  const verified = (keys: readonly AuditKey[], tenantId: string) =>
    withKeys(keys, () => store().verifyAudit(tenantId));
  const proven = { intact: true, problem: undefined, unchecked: undefined };
  /** The end is set back to an entry of a key that is not here, of which nobody can tell the seal. */
  const cutTo = (tenantId: string, sequence: number) =>
    run(
      ...removeGuards,
      `delete from audit_logs where tenant_id = '${tenantId}' and sequence > ${sequence}`,
      `update audit_heads set sequence = ${sequence}, mac = 'x', key_id = '${A.id}', hash =
         (select hash from audit_logs where tenant_id = '${tenantId}' and sequence = ${sequence})
       where tenant_id = '${tenantId}'`,
    );

  it.each([
    { change: "with", keys: [B, A] },
    { change: "without", keys: [B] },
  ])(
    "proves a trail over two changes $change the secret before, and without the first says what it cannot check",
    async ({ keys }) => {
      const tenantId = newSlug();
      await noted([A], tenantId, 2);
      await noted(keys, tenantId, 2);
      await noted(keys.length === 1 ? [C] : [C, B], tenantId, 2);
      expect(await verified([C, B, A], tenantId)).toMatchObject({ entries: 6, ...proven });
      const unchecked = expect.stringMatching(
        /^Entries 1 to 2, and whether more followed there, cannot be checked: the key audit-1 is not here\. .*SLUICE_SECRET_PREVIOUS/,
      );
      expect(await verified([C, B], tenantId)).toMatchObject({
        entries: 6,
        intact: undefined,
        problem: undefined,
        unchecked,
      });
      const both = expect.stringMatching(/^Entries 1 to 2, .*audit-1 is not here\. Nor can 2 more entries/);
      expect(await verified([C], tenantId)).toMatchObject({ intact: undefined, unchecked: both });
      await run(
        ...removeGuards,
        `update audit_logs set action = 'x' where tenant_id = '${tenantId}' and sequence = 6`,
      );
      const problem = expect.stringMatching(/^Entry 6 is not as it was written/);
      expect(await verified([C, B], tenantId)).toMatchObject({ intact: false, problem, unchecked });
    },
  );

  it("counts the end of an idle trail whose key is not here as unchecked, and not as missing", async () => {
    const idle = newSlug();
    await noted([A], idle, 1);
    await noted([B], platformTrail, 1);
    expect(await verified([B, A], platformTrail)).toMatchObject(proven);
    for (const [keys, missing] of [
      [[B], A],
      [[A], B],
    ] as const) {
      expect(await verified(keys, platformTrail)).toMatchObject({
        intact: undefined,
        problem: undefined,
        unchecked: expect.stringContaining(
          `Whether every trail of this gateway is there, and ends as it was written, cannot be checked: the key ${missing.id}`,
        ),
      });
    }
  });

  it("finds a trail that was cut while the key of its end was not here, and that went on", async () => {
    const tenantId = newSlug();
    await noted([A], tenantId, 3);
    await noted([B, A], tenantId, 3);
    await cutTo(tenantId, 2);
    await noted([B], tenantId, 1);
    const cut = /^The end of the trail, after entry 2, was not as it was written when entry 3 was added/;
    const found = await verified([B, A], tenantId);
    expect(found).toMatchObject({ entries: 3, intact: false, problem: expect.stringMatching(cut) });
    // Without the key it is not proven to be whole.
    expect(await verified([B], tenantId)).toMatchObject({
      intact: undefined,
      unchecked: expect.stringMatching(/^Entries 1 to 2, and whether more followed there/),
    });
  });

  it("keeps nothing with which an end can be set back", async () => {
    const tenantId = newSlug();
    await noted([A], tenantId, 3);
    await noted([B], tenantId, 3);
    const note = `(select seal_before from audit_logs where tenant_id = '${tenantId}' and sequence = 4)`;
    await run(
      `update audit_heads set sequence = 3, key_id = '${A.id}', mac = substr(${note}, ${A.id.length + 2}), hash =
         (select hash from audit_logs where tenant_id = '${tenantId}' and sequence = 3)
       where tenant_id = '${tenantId}'`,
      ...removeGuards,
      `delete from audit_logs where tenant_id = '${tenantId}' and sequence > 3`,
    );
    await noted([B], tenantId, 1);
    expect(await verified([B, A], tenantId)).toMatchObject({
      intact: false,
      problem: expect.stringMatching(/^The end of the trail, after entry 3, was not as it was written/),
    });
  });

  it("tells that an entry was given another key, so that it could not be checked", async () => {
    const tenantId = newSlug();
    await noted([A], tenantId, 3);
    await noted([B], tenantId, 3);
    await run(...removeGuards);
    const forge = (sequence: number, keyId: string) =>
      run(
        `update audit_logs set action = 'x', key_id = '${keyId}' where tenant_id = '${tenantId}' and sequence = ${sequence}`,
      );
    await forge(6, A.id);
    expect((await verified([B], tenantId)).problem).toMatch(changed(6));
    await forge(3, "made-up");
    expect((await verified([B], tenantId)).problem).toMatch(changed(3));
  });

  it("finds a trail that was removed whole while the key of the trails' count was not here", async () => {
    const [tenantId, other] = [newSlug(), newSlug()];
    await noted([A], tenantId, 2);
    await noted([A], other, 2);
    await run(
      ...removeGuards,
      `delete from audit_logs where tenant_id = '${tenantId}'`,
      `delete from audit_heads where tenant_id = '${tenantId}'`,
      "update audit_heads set sequence = 1, mac = 'x' where tenant_id = '*'",
    );
    await noted([B], tenantId, 1);
    await noted([C], newSlug(), 1);
    const missing = /^Some trail of this gateway is missing whole/;
    for (const trail of [tenantId, other, platformTrail]) {
      const found = await verified([C, B, A], trail);
      expect(found).toMatchObject({ intact: false, problem: expect.stringMatching(missing) });
      expect((await verified([C, B], trail)).intact).toBeUndefined();
    }
  });

  it("proves the trails' count over each key that went on with it", async () => {
    const trails = [newSlug(), newSlug(), newSlug(), newSlug()];
    for (const [index, keys] of [[A], [B], [C, B], [A]].entries()) {
      await noted(keys, trails[index] ?? platformTrail, 1);
    }
    for (const trail of trails) expect(await verified([C, B, A], trail)).toMatchObject(proven);
    expect((await verified([C, A], platformTrail)).unchecked).toMatch(/the key audit-2 is not here/);
    await run("update audit_heads set hash = replace(hash, '1:', '0:') where tenant_id = '*'");
    expect((await verified([C, B, A], platformTrail)).intact).toBe(false);
  });
}
