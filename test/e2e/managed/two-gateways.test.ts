// Gateways that share a database see what the others change, and do not undo it.

import { afterEach, beforeEach, expect, it } from "vitest";
import { pollMs } from "../../../src/config/managed/managed-configuration.ts";
import type { RunningGateway } from "../../../src/gateway.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { createManagedFixture, keyless, type ManagedFixture, targetsOf } from "./managed-fixture.ts";

let fixture: ManagedFixture;
let clock: ManualClock;
let one: RunningGateway;
let other: RunningGateway;
beforeEach(async () => {
  fixture = await createManagedFixture("PostgreSQL");
  clock = createManualClock();
  one = await fixture.start();
  other = await fixture.start({ clock });
});
afterEach(() => fixture.close());

const named = (name: string, over: object = {}) => ({
  name,
  kind: "vllm",
  baseUrl: "http://127.0.0.1:9",
  model: "m",
  ...over,
});
const namesAt = (gateway: RunningGateway) =>
  gateway.settings
    .providers(keyless)
    .map(({ name }) => name)
    .toSorted();
const target = (provider: string) => ({ provider, model: "m" });

it("a change of one is in force at the other with its next look, and not before", async () => {
  await one.settings.addProvider(keyless, named("a"));
  await one.settings.addRoute(keyless, { name: "r", targets: [target("a")] });
  clock.advance(pollMs - 1);
  await other.records.request(keyless, "nothing");
  expect(targetsOf(other)).toEqual([]);
  clock.advance(1);
  await expect.poll(() => targetsOf(other, "r")).toEqual(["a/m"]);
  expect(other.settings.providers(keyless)).toEqual(one.settings.providers(keyless));

  await one.settings.drainProvider(keyless, { name: "a", draining: true });
  clock.advance(pollMs);
  await expect.poll(() => other.settings.providers(keyless)[0]?.draining).toBe(true);
  await one.settings.removeRoute(keyless, "r");
  await one.settings.removeProvider(keyless, "a");
  clock.advance(pollMs);
  await expect.poll(() => other.settings.providers(keyless)).toEqual([]);
  expect(targetsOf(other, "r")).toBeUndefined();
});

it("whoever has not looked yet plans anew on what the other has made", async () => {
  await one.settings.addProvider(keyless, named("a", { priority: 1 }));
  await one.settings.addRoute(keyless, { name: "r", targets: [target("a")] });
  const { settings } = other;
  await expect(settings.addProvider(keyless, named("a"))).rejects.toMatchObject({
    code: "conflict",
    field: "name",
  });
  await expect(settings.removeProvider(keyless, "a")).rejects.toMatchObject({
    message: 'name: "a" is a target of the route r. Change or remove it first',
  });
  await one.settings.updateProvider(keyless, { name: "a", priority: 7 });
  await settings.updateProvider(keyless, { name: "a", maxConcurrent: 2 });
  expect(settings.providers(keyless)[0]).toMatchObject({ priority: 7, policy: { maxConcurrent: 2 } });
});

it("changes of both at once all hold", async () => {
  const names = Array.from({ length: 6 }, (_, i) => `p${i}`);
  await Promise.all(
    names.map((name, i) => (i % 2 === 0 ? one : other).settings.addProvider(keyless, named(name))),
  );
  clock.advance(pollMs);
  await expect.poll(() => namesAt(other)).toEqual(names);
  await expect.poll(() => namesAt(one), { timeout: 3 * pollMs }).toEqual(names);
});

it("what one cannot apply is told in its readiness, and the rest is in force", async () => {
  const declaring = await fixture.start({
    clock,
    environment: { VLLM_BASE_URL: "http://127.0.0.1:9", VLLM_MODEL: "own" },
  });
  await one.settings.addProvider(keyless, named("vllm"));
  await one.settings.addProvider(keyless, named("good"));
  const version = "(select version from config_version)";
  await fixture.change(
    `insert into provider_configs (name, config, draining, created_at, updated_at, first_version, version)
     values ('newer', '{"kind": "made-up", "model": "m"}', false, 0, 0, ${version}, ${version}),
            ('broken', '[]', false, 0, 0, ${version}, ${version})`,
  );
  await fixture.change("update config_version set version = version + 1");
  clock.advance(pollMs);
  await expect.poll(() => targetsOf(declaring)).toEqual(["vllm/own", "good/m"]);
  expect(declaring.readiness()).toEqual({
    ready: true,
    problems: [
      "The managed provider vllm is left out: the name is also configured in the environment. Take it out there, " +
        "or start without it there once and remove the managed one.",
      expect.stringMatching(/^The managed provider newer is left out: kind: must be one of [a-z_, -]*\.$/),
      expect.stringMatching(/^The managed provider broken is left out: kind: must be a text\.$/),
    ],
  });
  // What cannot be applied can be removed.
  expect(await one.settings.removeProvider(keyless, "newer")).toBeUndefined();
  await one.settings.removeProvider(keyless, "broken");
  expect(one.readiness().problems).toEqual([]);
});

it("a name that is declared and managed stops the start, and says where it stands", async () => {
  await one.settings.addProvider(keyless, named("vllm"));
  await one.settings.addRoute(keyless, { name: "r", targets: [target("vllm")] });
  await expect(fixture.start({ environment: { VLLM_BASE_URL: "http://127.0.0.1:9" } })).rejects.toMatchObject(
    {
      name: "ConfigurationError",
      message: expect.stringMatching(
        /^The managed provider vllm .* also configured in the environment\. Take it out/,
      ),
    },
  );
  const yaml = `
    providers: { filed: { kind: vllm, baseUrl: "http://127.0.0.1:9" } }
    routes: { r: { targets: [{ provider: filed, model: m }] } }`;
  await expect(fixture.start({ yaml })).rejects.toThrow(
    /^The managed route r .* also configured in the file\./,
  );
  // The database was let go.
  expect(await fixture.start()).toBeDefined();
});

it("a database that cannot be asked is told, and the settings stay in force", async () => {
  await one.settings.addProvider(keyless, named("a"));
  clock.advance(pollMs);
  await expect.poll(() => targetsOf(other)).toEqual(["a/m"]);
  await fixture.change("alter table config_version rename to away");
  clock.advance(pollMs);
  await expect
    .poll(() => other.readiness().problems)
    .toEqual(["What other gateways change cannot be read: the log says why."]);
  await expect(one.settings.addProvider(keyless, named("b"))).rejects.toMatchObject({ code: "unavailable" });
  expect([targetsOf(other), targetsOf(one)]).toEqual([["a/m"], ["a/m"]]);
  await fixture.change("alter table away rename to config_version");
  clock.advance(pollMs);
  await expect.poll(() => other.readiness().problems).toEqual([]);
});
