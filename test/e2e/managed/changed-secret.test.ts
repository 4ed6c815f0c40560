// The audit trail of a gateway whose secret is changed as the README says.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunningGateway } from "../../../src/gateway.ts";
import { principalOfRole } from "../../support/principals.ts";
import { createManagedFixture, databases, type ManagedFixture } from "./managed-fixture.ts";

const by = principalOfRole("platform_admin");
const [first, second, third] = ["first", "second", "third"].map(
  (name) => `the ${name} secret of this one server`,
);

const withoutGuards = {
  SQLite: ["drop trigger audit_logs_no_delete"],
  PostgreSQL: ["drop trigger audit_logs_append_only on audit_logs"],
} as const;

describe.each(databases)("on %s a trail", (database) => {
  let fixture: ManagedFixture;
  let gateway: RunningGateway;
  beforeEach(async () => {
    fixture = await createManagedFixture(database);
  });
  afterEach(() => fixture.close());

  async function start(secret = "", ...before: readonly (string | undefined)[]): Promise<void> {
    gateway = await fixture.start({
      environment: { SLUICE_SECRET: secret, SLUICE_SECRET_PREVIOUS: before.join(", ") },
    });
  }
  async function startAnew(...secrets: readonly (string | undefined)[]): Promise<void> {
    await gateway.close();
    await start(...secrets);
  }
  async function rename(name: string): Promise<void> {
    const [acme] = await gateway.administration.tenantsById(by, ["acme"]);
    await gateway.administration.updateTenant(by, "acme", { version: acme?.version ?? 0, name });
  }
  const verified = (trail = "acme") => gateway.administration.verifyAudit(by, trail);

  it("is verified over several changes, with the secrets of then", async () => {
    await start(first);
    await gateway.administration.createTenant(by, { id: "acme", name: "Acme" });
    await startAnew(second, first);
    await gateway.settings.resealSecrets(by);
    await rename("Acme II");
    expect(await verified()).toMatchObject({ entries: 2, intact: true });
    await startAnew(second);
    expect(await verified()).toMatchObject({
      entries: 2,
      intact: undefined,
      problem: undefined,
      unchecked: expect.stringMatching(/^Entry 1, and whether more followed there, cannot be checked/),
    });
    await startAnew(third, second, first);
    await rename("Acme III");
    expect(await verified()).toMatchObject({ entries: 3, intact: true });
    expect(await verified("platform")).toMatchObject({ entries: 0, intact: true });
  });

  it("that was cut where the secret of its end was dropped is found with it", async () => {
    await start(first);
    await gateway.administration.createTenant(by, { id: "acme", name: "Acme" });
    await startAnew(second, first);
    await rename("A deed");
    await startAnew(second);
    const ofAcme = "where tenant_id = 'acme' and sequence";
    for (const sql of [
      ...withoutGuards[database],
      `delete from audit_logs ${ofAcme} > 1`,
      `update audit_heads set sequence = 1, mac = 'x', hash = (select hash from audit_logs ${ofAcme} = 1),
         key_id = (select key_id from audit_logs ${ofAcme} = 1) where tenant_id = 'acme'`,
    ]) {
      await fixture.change(sql);
    }
    await rename("Acme");
    await startAnew(second, first);
    expect(await verified()).toMatchObject({
      intact: false,
      problem: expect.stringMatching(/^The end of the trail, after entry 1, was not as it was written/),
    });
  });
});
