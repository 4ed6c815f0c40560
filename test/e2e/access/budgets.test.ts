// Budgets over the real composition: exactly as many calls as there is money for, and the same spend after a restart.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Principal } from "../../../src/core/access/principal.ts";
import { createDemoUpstream, type DemoUpstream } from "../../../src/demo/demo-upstream.ts";
import type { RunningGateway } from "../../../src/gateway.ts";
import { keylessPrincipal as platform } from "../../support/principals.ts";
import { createManagedFixture, databases, type ManagedFixture } from "../managed/managed-fixture.ts";

const secret = "a secret that is long enough to be one";
const local = { remoteAddress: "127.0.0.1", host: undefined, origin: undefined };

const ask = (gateway: RunningGateway, principal: Principal) =>
  gateway.chat(
    {
      messages: [{ role: "user", parts: [{ type: "text", text: "Hey!" }] }],
      maxOutputTokens: 100,
    },
    { principal },
  );

const authenticated = (gateway: RunningGateway, credential: string) =>
  gateway.access.authenticate({ ...local, credential });

async function budgetOf(gateway: RunningGateway) {
  const [acme] = await gateway.administration.tenantsById(platform, ["acme"]);
  const subject = { tenantId: "acme", scope: "tenant", id: "acme", budget: acme?.budget ?? {} } as const;
  const [report] = await gateway.budgets.of(platform, [subject]);
  return report;
}

describe.each(databases)("on %s", (database) => {
  let fixture: ManagedFixture;
  let upstream: DemoUpstream;
  beforeEach(async () => {
    fixture = await createManagedFixture(database);
    upstream = await createDemoUpstream();
  });
  afterEach(async () => {
    await fixture.close();
    await upstream.close();
  });

  /** One dollar a million tokens: a call of 100 tokens out and 4 bytes in costs 101 µ$ at most. */
  const start = () =>
    fixture.start({
      environment: { SLUICE_SECRET: secret, REQUESTS_PER_MINUTE: "off", TOKENS_PER_MINUTE: "off" },
      yaml: `
providers:
  mine: { kind: openai-compatible, apiKey: k, baseUrl: "${upstream.url}/v1", model: demo-chat }
prices:
  mine/*: { input: 1, output: 1 }
`,
    });

  async function paid(): Promise<bigint> {
    const rows = await fixture.rows(
      "select cast(sum(cost_nanos) as text) as paid from provider_attempts where tenant_id = 'acme'",
    );
    return BigInt(Object.values(Object(rows[0])).join());
  }

  it("lets as many calls in at once as there is money for, and knows after a restart what was spent", async () => {
    const before = await start();
    const { administration } = before;
    const hardNanos = 101_000n * 7n;
    await administration.createTenant(platform, { id: "acme", name: "Acme", budget: { hardNanos } });
    const permissions = ["gateway:use", "api_keys:create"] as const;
    const { secret: key } = await administration.createApiKey(platform, {
      tenantId: "acme",
      name: "k",
      permissions,
    });
    const principal = await authenticated(before, key);
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => ask(before, principal)));
    const refused = outcomes.flatMap((each): unknown[] => (each.status === "rejected" ? [each.reason] : []));
    expect(outcomes.length - refused.length).toBe(7);
    expect(refused).toHaveLength(33);
    for (const error of refused) expect(error).toMatchObject({ code: "budget_exceeded" });

    await before.database.flush();
    const spent = await paid();
    expect(spent).toBeGreaterThan(0n);
    expect(await budgetOf(before)).toMatchObject({
      spentNanos: spent,
      reservedNanos: 0n,
      remainingNanos: hardNanos - spent,
    });
    await before.close();

    const after = await start();
    expect(await budgetOf(after)).toMatchObject({ spentNanos: spent, reservedNanos: 0n });
    const again = await authenticated(after, key);
    await ask(after, again);
    await after.database.flush();
    expect(await budgetOf(after)).toMatchObject({ spentNanos: await paid() });
    expect(await paid()).toBeGreaterThan(spent);
  });

  it("holds a key and its user to theirs, whatever the tenant has", async () => {
    const gateway = await start();
    const { administration } = gateway;
    await administration.createTenant(platform, { id: "acme", name: "Acme" });
    const user = await administration.createUser(platform, {
      tenantId: "acme",
      email: "dev@example.com",
      role: "developer",
      budget: { hardNanos: 101_000n },
    });
    const make = async (input: object) =>
      authenticated(
        gateway,
        (
          await administration.createApiKey(platform, {
            tenantId: "acme",
            name: "k",
            permissions: ["gateway:use", "api_keys:create"],
            ...input,
          })
        ).secret,
      );
    const poor = await make({ budget: { hardNanos: 100_999n } });
    await expect(ask(gateway, poor)).rejects.toMatchObject({
      code: "budget_exceeded",
      message: expect.stringContaining("key"),
    });
    const ofUser = await make({ userId: user.id, permissions: ["gateway:use"] });
    const both = await Promise.allSettled([ask(gateway, ofUser), ask(gateway, ofUser)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await ask(gateway, await make({}))).toMatchObject({ meta: { provider: "mine" } });
  });
});
