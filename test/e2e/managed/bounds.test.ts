// What managed providers cannot have: no end, and prices of their own.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDemoUpstream } from "../../../src/demo/demo-upstream.ts";
import { createManagedFixture, databases, keyless, type ManagedFixture, stateOf } from "./managed-fixture.ts";

const local = { name: "local", kind: "vllm", baseUrl: "http://127.0.0.1:9", model: "demo-chat" };

describe.each(databases)("on %s", (database) => {
  let fixture: ManagedFixture;
  beforeEach(async () => {
    fixture = await createManagedFixture(database);
  });
  afterEach(() => fixture.close());

  it("has room for a thousand, and says so to whoever adds one more", async () => {
    const draining = database === "SQLite" ? "0" : "false";
    const rows = Array.from(
      { length: 1_000 },
      (_, i) => `('p${i}', '{"kind": "vllm", "baseUrl": "http://127.0.0.1:9"}', ${draining}, 0, 0, ${i}, 1)`,
    );
    const gateway = await fixture.start();
    await fixture.change(
      `insert into provider_configs (name, config, draining, created_at, updated_at, first_version, version)
       values ${rows.join()}`,
    );
    await fixture.change("update config_version set version = version + 1");
    const refused = gateway.settings.addProvider(keyless, local);
    await expect(refused).rejects.toMatchObject({
      code: "conflict",
      message: "There are 1000 managed providers, and no more may be. Remove one that nobody needs.",
    });
    await gateway.settings.removeProvider(keyless, "p7");
    await gateway.settings.addProvider(keyless, local);
  });

  it("keeps no entry that is far longer than any that is written, and changes nothing", async () => {
    const gateway = await fixture.start();
    await gateway.settings.addProvider(keyless, local);
    const before = await stateOf(fixture, gateway);
    const models = Array.from({ length: 10_000 }, (_, i) => `m-${i}`);
    const targets = [{ provider: "local", model: "m".repeat(70_000) }];
    for (const change of [
      gateway.settings.addProvider(keyless, { ...local, name: "other", models }),
      gateway.settings.updateProvider(keyless, { name: "local", models }),
      gateway.settings.addRoute(keyless, { name: "r", targets }),
      gateway.settings.updateRoute(keyless, { name: "default", targets }),
    ]) {
      await expect(change).rejects.toMatchObject({
        code: "invalid_request",
        field: "input",
        message: expect.stringMatching(/^input: has \d+ characters as JSON; 65536 are allowed/),
      });
    }
    expect(await stateOf(fixture, gateway)).toEqual(before);
  });

  it("says of a model without a price where one can be written", async () => {
    const upstream = await createDemoUpstream();
    const gateway = await fixture.start();
    await gateway.settings.addProvider(keyless, { ...local, baseUrl: upstream.url });
    await gateway.ask({ user: "Hello" });
    expect(fixture.logged.join()).toContain(
      "Prices of one's own are for providers of sluice.yaml: write it there, with its `prices`.",
    );
    await gateway.close();
    await upstream.close();
  });
});
